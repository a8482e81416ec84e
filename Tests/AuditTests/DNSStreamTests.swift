import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Queries over TCP that were not captured in full: every name that is there, and whether some may be missing.
@Suite struct DNSStreamTests {
  private static let server = "203.0.113.7:53"
  private static let first: UInt32 = .max - 40

  /// A segment as it was sent, at an offset in the stream; `captured` bytes of its payload.
  private struct Segment {
    var range: Range<Int>
    var captured: Int?
    var flags: UInt8 = 0x18
  }

  private struct Said: Equatable {
    var names: [String]
    var isIncomplete: Bool
  }

  private func frame(_ stream: [UInt8], _ segment: Segment) -> SampleFrame {
    let bytes = tcpPacket(
      "\(Sample.container):40000", Self.server, Array(stream[segment.range]), flags: segment.flags,
      sequence: Self.first &+ UInt32(segment.range.lowerBound))
    let missing = segment.captured.map { segment.range.count - $0 } ?? 0
    return SampleFrame([UInt8](bytes.prefix(bytes.count - missing)), originalLength: bytes.count)
  }

  private var syn: SampleFrame {
    SampleFrame(tcpPacket("\(Sample.container):40000", Self.server, flags: 0x02, sequence: Self.first &- 1))
  }

  private func said(_ frames: [SampleFrame]) -> Said {
    var said = Said(names: [], isIncomplete: false)
    let verdicts = audit(frames) { auditor in
      let findings = auditor.summary(ConclusionRules()).findings
      said.names = findings.flatMap(\.questions.elements).map(\.name).sorted()
      said.isIncomplete = findings.contains { $0.questions.isIncomplete }
    }
    #expect(verdicts.allSatisfy { $0 == "leak dns" })
    return said
  }

  private func said(_ stream: [UInt8], _ segments: [Segment], beginning: Bool = true) -> Said {
    said((beginning ? [syn] : []) + segments.map { frame(stream, $0) })
  }

  private func names(_ numbers: [Int]) -> [String] { numbers.map { "q\($0).example" } }

  private let queries = (0..<6).map { prefixed(2, dnsQuery("q\($0).example", id: UInt16($0))) }
  private var stream: [UInt8] { queries.flatMap(\.self) }
  private var size: Int { queries[0].count }

  /// The pieces between the cuts.
  private func pieces(_ cuts: [Int], of count: Int) -> [Range<Int>] {
    zip([0] + cuts, cuts + [count]).map { $0..<$1 }.filter { !$0.isEmpty }
  }

  // MARK: Holes

  /// As in dnscap's captures: length and message in separate segments, and one message is lost.
  @Test(arguments: 0..<12) func `reads all messages but one if length and message come in separate segments`(
    lost: Int
  ) {
    var segments = pieces((0..<6).flatMap { [$0 * size, $0 * size + 2] }.filter { $0 > 0 }, of: stream.count).map {
      Segment(range: $0)
    }
    segments.remove(at: lost)
    let found = said(stream, segments)
    // A message that lost only its length can still be read.
    let expected = names((0..<6).filter { lost % 2 == 0 || $0 != lost / 2 })
    #expect(found.names == expected, "\(lost)")
    // At the very end nothing shows the loss; elsewhere it is reported.
    #expect(found.isIncomplete == (lost != 11), "\(lost)")
  }

  /// Cut anywhere, with one or more pieces lost: each name whose message is all there is read, where a segment begins
  /// the first message after a hole; and every loss is reported.
  @Test func `reads what is there and reports what is missing, however the stream is cut`() {
    var random = SeededGenerator()
    for round in 0..<400 {
      // Each message in one to three pieces, some together in one segment.
      var cuts: Set<Int> = []
      for index in 0..<6 {
        if Int.random(in: 0..<4, using: &random) > 0 { cuts.insert(index * size) }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          cuts.insert(index * size + Int.random(in: 1..<size, using: &random))
        }
      }
      let all = pieces(cuts.subtracting([0]).sorted(), of: stream.count)
      let lost = Set(
        (0..<Int.random(in: 0...2, using: &random)).map { _ in all.indices.randomElement(using: &random)! })
      var order = all.indices.filter { !lost.contains($0) }
      if Bool.random(using: &random) { order += order.shuffled(using: &random).prefix(2) }
      if Bool.random(using: &random) { order.shuffle(using: &random) }
      let found = said(
        stream, order.map { Segment(range: all[$0]) } + [Segment(range: stream.count..<stream.count, flags: 0x11)])
      var whole: [Int] = []
      var isKnown = true
      for index in 0..<6 {
        let message = index * size..<(index + 1) * size
        let isLost = lost.contains { all[$0].overlaps(message) }
        // If the message before it is there, or its length, the start of this one is known.
        if !isKnown { isKnown = all.contains { $0.lowerBound == message.lowerBound } }
        if !isLost, isKnown { whole.append(index) }
        if isLost {
          let length = message.lowerBound..<message.lowerBound + 2
          isKnown = isKnown && !lost.contains { all[$0].overlaps(length) }
        }
      }
      let missing = Set(names(whole)).subtracting(found.names)
      #expect(missing.isEmpty, "\(missing) of \(all) without \(lost) in \(order), round \(round), seed \(random.seed)")
      #expect(Set(found.names).isSubset(of: names(Array(0..<6))), "seed \(random.seed)")
      // If nothing is lost, no loss is reported, in any order.
      #expect(
        found.isIncomplete || lost.isEmpty || found.names == names(Array(0..<6)),
        "\(all) without \(lost) in \(order), round \(round), seed \(random.seed)")
      if lost.isEmpty {
        #expect(!found.isIncomplete, "\(all) in \(order), round \(round), seed \(random.seed)")
      }
    }
  }

  /// The rest of a message whose start is lost, and complete ones after it in the same segment.
  @Test func `finds the next message after a hole inside a segment if it fits to the last byte`() {
    for cut in 1..<size {
      let segments = [0..<size, 2 * size + cut..<5 * size, 5 * size..<6 * size].map { Segment(range: $0) }
      // If only the length is lost, the message can still be read.
      let expected = names(cut == 2 ? [0, 2, 3, 4, 5] : [0, 3, 4, 5])
      #expect(said(stream, segments) == Said(names: expected, isIncomplete: true), "\(cut)")
    }
    // Also cut after it.
    let open = [0..<size, 2 * size + 3..<4 * size + 5].map { Segment(range: $0) }
    #expect(said(stream, open) == Said(names: names([0, 3]), isIncomplete: true))
  }

  @Test func `a boundary that does not fit to the last byte does not count`() {
    // Each byte of the lengths, headers and types is changed in turn: then no query fits, and none is guessed.
    let rest = 2 * size + 3..<4 * size
    for offset in [0, 1, 6, 7, 8, 9, 10, 11, 12, size - 1] {
      var stream = stream
      stream[3 * size + offset] ^= 0x40
      let found = said(stream, [0..<size, rest].map { Segment(range: $0) })
      #expect(found == Said(names: names([0]), isIncomplete: true), "\(offset)")
    }
  }

  @Test func `reports that the end of a stream was not captured`() {
    let segments = [Segment(range: 0..<size)]
    let end = stream.count..<stream.count
    #expect(said(stream, segments) == Said(names: names([0]), isIncomplete: false))
    #expect(said(stream, segments + [Segment(range: end, flags: 0x11)]) == Said(names: names([0]), isIncomplete: true))
    #expect(said(stream, segments + [Segment(range: end, flags: 0x10)]) == Said(names: names([0]), isIncomplete: true))
    // A reset may say anything, and the last acknowledgement counts FIN.
    #expect(said(stream, segments + [Segment(range: end, flags: 0x04)]) == Said(names: names([0]), isIncomplete: false))
    let closing = SampleFrame(
      tcpPacket(
        "\(Sample.container):40000", Self.server, flags: 0x10, sequence: Self.first &+ UInt32(stream.count) &+ 1))
    let whole = [syn, frame(stream, Segment(range: 0..<stream.count))]
    let all = Said(names: names([0, 1, 2, 3, 4, 5]), isIncomplete: false)
    #expect(said(whole + [closing]) == all)
    #expect(said(whole + [frame(stream, Segment(range: end, flags: 0x11)), closing]) == all)
  }

  @Test func `skips a hole that does not fit into the window`() {
    let message = prefixed(2, dnsQuery("long.example") + filler(3000, 0))
    let long = queries[0] + (0..<40).flatMap { _ in message } + queries[1]
    let segments = pieces([size] + (1...40).map { size + $0 * message.count }, of: long.count).map {
      Segment(range: $0)
    }
    for lost in [1, 20, 40] {
      let kept = segments.enumerated().filter { $0.offset != lost }.map(\.element)
      #expect(said(long, kept) == Said(names: ["long.example"] + names([0, 1]), isIncomplete: true), "\(lost)")
    }
    #expect(said(long, segments) == Said(names: ["long.example"] + names([0, 1]), isIncomplete: false))
    // A jump over more than the window holds.
    let jump = [segments[0], segments[41]]
    #expect(said(long, jump) == Said(names: names([0, 1]), isIncomplete: true))
    // Offloaded: larger than the window.
    let one = said(long, [Segment(range: 0..<60_000), Segment(range: 60_000..<long.count)])
    #expect(one == Said(names: ["long.example"] + names([0, 1]), isIncomplete: false))
  }

  // MARK: Beginnings that were not seen

  @Test func `joins a connection at a segment that begins a message or its content`() {
    let rest = (1..<6).map { Segment(range: $0 * size..<($0 + 1) * size) }
    #expect(said(stream, rest, beginning: false) == Said(names: names([1, 2, 3, 4, 5]), isIncomplete: false))
    let content = [Segment(range: 2..<size), Segment(range: size..<2 * size)]
    #expect(said(stream, content, beginning: false) == Said(names: names([0, 1]), isIncomplete: false))
    let middle = [Segment(range: 20..<size), Segment(range: size..<2 * size)]
    #expect(said(stream, middle, beginning: false) == Said(names: names([1]), isIncomplete: true))
  }

  @Test func `reads data that was sent before the first segment seen`() {
    let segments = [size..<2 * size, 0..<size].map { Segment(range: $0) }
    #expect(said(stream, segments, beginning: false) == Said(names: names([0, 1]), isIncomplete: false))
  }

  @Test func `reports that data is not DNS`() {
    for garbage in [filler(100, 0), filler(100, 0xFF), Array("GET / HTTP/1.1\r\n\r\n".utf8)] {
      for beginning in [true, false] {
        let found = said(garbage, [Segment(range: 0..<garbage.count)], beginning: beginning)
        #expect(found.names.isEmpty)
        #expect(found.isIncomplete, "\(garbage[0]) \(beginning)")
      }
    }
  }

  // MARK: Snap lengths

  @Test func `reads the queries of segments cut by the capture`() {
    let edns: [UInt8] = [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0]
    let queries = (0..<3).map { index in
      var query = dnsQuery("q\(index).example", id: UInt16(index)) + edns
      query[11] = 1
      return prefixed(2, query)
    }
    let stream = queries.flatMap(\.self)
    let size = queries[0].count
    // The question is there; the missing part is inside its message.
    let one = (0..<3).map { Segment(range: $0 * size..<($0 + 1) * size, captured: size - 5) }
    #expect(said(stream, one) == Said(names: names([0, 1, 2]), isIncomplete: false))
    // The question itself is cut.
    let cut = [
      Segment(range: 0..<size), Segment(range: size..<2 * size, captured: 18), Segment(range: 2 * size..<3 * size),
    ]
    #expect(said(stream, cut) == Said(names: names([0, 2]), isIncomplete: true))
    // More messages may be in what is missing.
    let several = [Segment(range: 0..<3 * size, captured: size + 10)]
    #expect(said(stream, several) == Said(names: names([0]), isIncomplete: true))
  }

  // MARK: Arithmetic

  @Test func `does not trap on any sequence numbers`() {
    var random = SeededGenerator()
    for _ in 0..<200 {
      let frames = (0..<30).map { _ in
        let length = [0, 1, 2, 40, 200, 9000, 60_000].randomElement(using: &random)!
        let payload = length == 40 ? queries[0] : filler(length, UInt8.random(in: 0 ... .max, using: &random))
        let port = ["203.0.113.7:53", "203.0.113.7:443"].randomElement(using: &random)!
        let base = [0, 1 << 31, .max, 16_384].randomElement(using: &random)! as UInt32
        return SampleFrame(
          tcpPacket(
            "\(Sample.container):40000", port, payload, flags: [0x02, 0x10, 0x18, 0x11].randomElement(using: &random)!,
            sequence: base &+ UInt32.random(in: 0...40_000, using: &random)))
      }
      _ = audit(frames)
    }
  }
}
