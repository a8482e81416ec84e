import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Frames over time, against a count of each frame by itself.
struct TrafficTests {
  /// Of one class each: local, leak, ingress.
  private static let packets = [
    udpPacket("172.18.0.2:4000", "192.168.1.9:5000"), udpPacket("172.18.0.2:4000", "198.51.100.1:5000"),
    udpPacket("198.51.100.1:4000", "172.18.0.2:5000"),
  ]

  private static func traffic(_ frames: [SampleFrame], _ linkType: LinkType = .raw) -> Traffic {
    var auditor = Auditor(policy(), seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces.append(auditor.attach(InterfaceTally(name: "eth0", linkType: linkType, role: nil)))
    var list = FrameList(frames)
    var observer = NoObserver()
    _ = auditor.audit(&list, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    return auditor.summary(ConclusionRules()).traffic
  }

  /// Frames by class and by the step that they belong to when steps are that long.
  private static func expected(_ frames: [SampleFrame], units: Int64) -> [Int64: [Int]] {
    var steps: [Int64: [Int]] = [:]
    for frame in frames {
      let time = frame.time.nanoseconds
      let length = units * 1_953_125
      let step = time >= 0 ? time / length : -((-time + length - 1) / length)
      let verdictClass: VerdictClass = [.local, .leak, .ingress][packets.firstIndex(of: frame.bytes)!]
      steps[step * units, default: Array(repeating: 0, count: 5)][verdictClass.rawValue] += 1
    }
    return steps
  }

  private static func found(_ traffic: Traffic) -> [Int64: [Int]] {
    var steps: [Int64: [Int]] = [:]
    for (index, step) in traffic.steps.enumerated() where (0..<5).contains(where: { step[$0] > 0 }) {
      steps[traffic.startUnits + Int64(index) * traffic.units] = (0..<5).map { step[$0] }
    }
    return steps
  }

  /// Spans from less than a second to the ends of what a timestamp can say.
  @Test(arguments: [
    1000, 400_000_000, 900_000_000, 10_000_000_000, 3_000_000_000_000, 90_000_000_000_000_000, Int64.max,
  ])
  func `every frame is counted in its step, in any order`(span: Int64) {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    for _ in 0..<20 {
      let base =
        span == .max ? 0 : Int64.random(in: -1_000_000_000_000_000_000...1_700_000_000_000_000_000, using: &random)
      let frames = (0..<200).map { _ in
        let offset = Int64.random(in: -(span / 2)...(span / 2), using: &random)
        return SampleFrame(
          Self.packets.randomElement(using: &random)!, time: Timestamp(nanoseconds: base &+ offset))
      }
      let traffic = Self.traffic(frames)
      #expect(Self.found(traffic) == Self.expected(frames, units: traffic.units))
      // As short as they can be.
      let times = frames.map(\.time.nanoseconds)
      let (length, overflow) = times.max()!.subtractingReportingOverflow(times.min()!)
      func limit(_ units: Int64) -> Int64 { units < 512 ? 256 : 2048 }
      #expect(traffic.steps.count <= limit(traffic.units))
      let half = traffic.units / 2
      #expect(half == 0 || overflow || length / (half * 1_953_125) >= limit(half) - 2)
    }
  }

  @Test func `parts add up to the whole in any order and grouping`() {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    for _ in 0..<50 {
      let span = [Int64(100_000_000), 5_000_000_000, 128_000_000_000, 5_000_000_000_000, 500_000_000_000_000]
        .randomElement(using: &random)!
      let frames = (0..<100).map { _ in
        SampleFrame(
          Self.packets.randomElement(using: &random)!,
          time: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64.random(in: 0...span, using: &random)))
      }
      var parts: [[SampleFrame]] = Array(repeating: [], count: 4)
      for frame in frames { parts[Int.random(in: 0..<4, using: &random)].append(frame) }
      let whole = Self.traffic(frames)
      var sums = parts.map { Self.traffic($0) }.shuffled(using: &random)
      while sums.count > 1 {
        let one = sums.remove(at: Int.random(in: sums.indices, using: &random))
        let other = sums.remove(at: Int.random(in: sums.indices, using: &random))
        sums.append(one + other)
      }
      #expect(sums[0].units == whole.units)
      #expect(sums[0].startUnits == whole.startUnits)
      #expect(Self.found(sums[0]) == Self.found(whole))
      #expect(sums[0].steps.count == whole.steps.count)
    }
  }

  @Test func `frames counted by known flows are in their steps`() {
    let frames = (0..<10).map { number in
      SampleFrame(Self.packets[0], time: Timestamp(nanoseconds: Int64(number) * 400_000_000))
    }
    let framed = frames.map { frame in
      var framed = SampleFrame(ethernet(frame.bytes, .ipv4), .ethernet)
      framed.time = frame.time
      return framed
    }
    let traffic = Self.traffic(framed, .ethernet)
    #expect(traffic.units == 8)
    #expect(Self.found(traffic) == Self.expected(frames, units: 8))
    #expect(Self.found(traffic.inSeconds) == Self.expected(frames, units: 512))
  }
}
