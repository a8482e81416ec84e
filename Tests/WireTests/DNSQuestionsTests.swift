import TestSupport
import Testing
import Wire

@Suite struct DNSQuestionsTests {
  private let longLabel = [63] + filler(63, 0x61)

  private func questions(_ message: [UInt8]) -> DNSQuestions? { DNSQuestions(message: message.rawSpan) }

  /// The first question's name, or nil where the message gives none.
  private func name(_ wire: [UInt8]) -> String? {
    let read = questions(dnsMessage(dnsQuestion(wire)))
    #expect(read?.isIncomplete == read?.list.isEmpty)
    return read?.list.first?.name
  }

  @Test func `reads a query`() throws {
    let read = try #require(questions(dnsQuery("www.Example.org", type: 28, id: 0xBEEF)))
    #expect(read.identifier == 0xBEEF)
    #expect(!read.isResponse && !read.isIncomplete)
    #expect(read.list.count == 1)
    #expect(read.list[0].name == "www.Example.org")
    #expect(read.list[0].type == 28 && read.list[0].text == "\(read.list[0].name) AAAA")
  }

  @Test func `distinguishes a response from a query`() {
    #expect(questions(dnsResponse("a.example", [address("192.0.2.1")]))?.isResponse == true)
    #expect(questions(dnsQuery("a.example"))?.isResponse == false)
  }

  @Test func `reads no question from any prefix of a query`() {
    let whole = dnsQuery("www.example.org")
    for count in 0..<12 { #expect(questions(Array(whole.prefix(count))) == nil, "\(count) bytes") }
    for count in 12..<whole.count {
      let read = questions(Array(whole.prefix(count)))
      #expect(read?.isIncomplete == true && read?.list.isEmpty == true, "\(count) bytes")
    }
    #expect(questions(whole)?.isIncomplete == false)
  }

  @Test func `keeps the questions before the one that is cut`() {
    let body = dnsQuestion(dnsName("a.example")) + dnsQuestion(dnsName("b.example"))
    let read = questions(Array(dnsMessage(questions: 2, body).dropLast()))
    #expect(read?.list.map(\.name) == ["a.example"])
    #expect(read?.isIncomplete == true)
  }

  @Test func `reads up to sixteen questions and says when there are more`() {
    let sixteen = Array(repeating: dnsQuestion(dnsName("a.example")), count: 16).flatMap { $0 }
    let whole = questions(dnsMessage(questions: 16, sixteen))
    #expect(whole?.list.count == 16 && whole?.isIncomplete == false)
    let more = questions(dnsMessage(questions: 17, sixteen + dnsQuestion(dnsName("hidden.example"))))
    #expect(more?.list.count == 16 && more?.isIncomplete == true)
    let lie = questions(dnsMessage(questions: 0xFFFF, dnsQuestion(dnsName("a.example"))))
    #expect(lie?.list.count == 1 && lie?.isIncomplete == true)
  }

  @Test func `writes the root as a dot`() { #expect(name([0]) == ".") }

  /// RFC 4343 section 2.1.
  @Test(arguments: [
    (".", "\\."), ("\\", "\\\\"), (" ", "\\032"), ("\u{00}", "\\000"), ("\u{1B}", "\\027"), ("\u{7F}", "\\127"),
    ("\n", "\\010"), ("!", "!"), ("~", "~"), ("\"", "\""), ("Aé", "A\\195\\169"),
  ])
  func `escapes what RFC 4343 escapes`(label: String, text: String) {
    #expect(name([UInt8(label.utf8.count)] + Array(label.utf8) + dnsName("org")) == text + ".org")
  }

  @Test func `lets no byte reach a terminal as a control character`() {
    for byte in UInt8.min ... .max {
      let text = name([1, byte, 0]) ?? ""
      #expect(!text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "byte \(byte)")
    }
  }

  @Test func `distinguishes a dot inside a label from one between labels`() {
    #expect(name([3] + Array("a.b".utf8) + [0]) != name(dnsName("a.b")))
  }

  /// RFC 1035 section 3.1: 255 bytes with every length byte and the root.
  @Test func `reads names of 255 bytes and no more`() {
    func labels(_ last: Int) -> [UInt8] {
      longLabel + longLabel + longLabel + [UInt8(last)] + filler(last, 0x61) + [0]
    }
    #expect(labels(61).count == 255)
    #expect(name(labels(61)) != nil)
    #expect(name(labels(62)) == nil)
  }

  @Test(arguments: [0x40, 0x41, 0x7F, 0x80, 0xBF] as [UInt8])
  func `refuses the label types that nobody uses`(first: UInt8) {
    #expect(name([first] + filler(70, 0x61) + [0]) == nil)
  }

  // Compression (RFC 1035 section 4.1.4).

  @Test func `follows a pointer to an earlier name`() {
    let body = dnsQuestion(dnsName("www.example.org")) + dnsQuestion([3] + Array("ftp".utf8) + dnsPointer(16))
    let read = questions(dnsMessage(questions: 2, body))
    #expect(read?.list.map(\.name) == ["www.example.org", "ftp.example.org"])
    #expect(read?.list.last?.type == 1)
  }

  @Test func `follows a pointer to a pointer`() {
    // 12 example.org, 29 a + pointer to 12, 37 b + pointer to 29.
    let body =
      dnsQuestion(dnsName("example.org")) + dnsQuestion([1, 0x61] + dnsPointer(12))
      + dnsQuestion([1, 0x62] + dnsPointer(29))
    #expect(questions(dnsMessage(questions: 3, body))?.list.last?.name == "b.a.example.org")
  }

  @Test func `refuses a pointer to itself`() { #expect(name(dnsPointer(12)) == nil) }

  @Test func `refuses a pointer forwards`() { #expect(name(dnsPointer(16) + [0, 0] + dnsName("a")) == nil) }

  @Test func `refuses a pointer back into its own name`() { #expect(name([1, 0x61] + dnsPointer(12)) == nil) }

  @Test func `refuses pointers in a circle`() {
    // The second question points at 18, behind whose label stands a pointer back to 18.
    let body = dnsQuestion(dnsName("a")) + dnsQuestion([1, 0x62] + dnsPointer(19)) + dnsQuestion(dnsPointer(19))
    #expect(questions(dnsMessage(questions: 3, body))?.list.count == 1)
  }

  @Test func `refuses a pointer cut in its middle`() {
    #expect(questions(dnsMessage([0xC0]))?.list.isEmpty == true)
  }

  @Test func `counts the length over pointers`() {
    // Three labels of 63, and a fourth in front of them through a pointer: 257 bytes.
    let long = longLabel + longLabel + longLabel + [0]
    let body = dnsQuestion(long) + dnsQuestion([63] + filler(63, 0x62) + dnsPointer(12))
    let read = questions(dnsMessage(questions: 2, body))
    #expect(read?.list.count == 1)
    #expect(read?.isIncomplete == true)
  }

  // In packets.

  private func questions(in frame: SampleFrame) -> DNSQuestions? { DNSQuestions(frame.decoded, frame.captured) }

  @Test func `reads a query from a datagram and never from its padding`() {
    let query = dnsQuery("www.example.org")
    let packet = udpPacket("10.0.0.2:1000", "192.0.2.1:53", query)
    #expect(questions(in: SampleFrame(packet))?.list.first?.name == "www.example.org")
    let short = ip(
      from: address("10.0.0.2"), to: address("192.0.2.1"), .udp, udp(1000, 53, query, length: 8 + 20))
    #expect(questions(in: SampleFrame(short))?.isIncomplete == true)
  }

  @Test func `reads a query from the start of a segment, after its length`() {
    let query = dnsQuery("www.example.org")
    let whole = bigEndian(UInt16(query.count)) + query
    #expect(
      questions(in: SampleFrame(tcpPacket("10.0.0.2:1000", "192.0.2.1:53", whole)))?.list.first?.name
        == "www.example.org")
    let short = bigEndian(UInt16(query.count - 1)) + query
    #expect(questions(in: SampleFrame(tcpPacket("10.0.0.2:1000", "192.0.2.1:53", short)))?.isIncomplete == true)
    for count in 0..<14 {
      let packet = tcpPacket("10.0.0.2:1000", "192.0.2.1:53", Array(whole.prefix(count)))
      #expect(questions(in: SampleFrame(packet)) == nil, "\(count) bytes")
    }
  }

  @Test func `reads no query from a later fragment or another transport`() {
    let query = dnsQuery("www.example.org")
    let later = udpPacket("10.0.0.2:1", "192.0.2.1:53", query, fragment: Fragmentation(offset: 8, more: false))
    #expect(questions(in: SampleFrame(later)) == nil)
    let lite = ip(from: address("10.0.0.2"), to: address("192.0.2.1"), .udpLite, udp(1, 53, query))
    #expect(questions(in: SampleFrame(lite)) == nil)
  }
}
