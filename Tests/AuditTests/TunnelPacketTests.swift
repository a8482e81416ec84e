import Audit
import Policy
import TestSupport
import Testing
import Wire

/// A tunnel packet is one by its session and counter, whichever interfaces showed it. The count is right or absent.
@Suite struct TunnelPacketTests {
  private static let bridge = "172.18.0.2:40000"
  private static let nic = "192.168.1.10:40000"

  private static func frame(_ message: [UInt8], on interface: Int, at microseconds: Int64) -> SampleFrame {
    var frame = SampleFrame(udpPacket(interface == 0 ? bridge : nic, Sample.endpoint, message))
    frame.interface = interface
    frame.direction = interface == 0 ? .incoming : .outgoing
    frame.time = Timestamp(nanoseconds: microseconds * 1000)
    return frame
  }

  /// What bridge and NIC show of some sessions, and how many packets that were.
  private static func traffic(
    _ random: inout SeededGenerator, sessions: Int
  ) -> (frames: [SampleFrame], packets: Int) {
    var messages: [[UInt8]] = []
    for session in 0..<sessions {
      if Bool.random(using: &random) { messages.append(wireGuardInitiation(sender: UInt32(session + 100))) }
      let start = UInt64.random(in: 0...3, using: &random) * 1000
      for step in 0..<UInt64.random(in: 1...90, using: &random) {
        messages.append(
          wireGuardData(
            receiver: UInt32(session + 1), counter: start + step,
            length: step == 0 ? 32 : Int.random(in: 48...200, using: &random)))
      }
    }
    let frames = messages.enumerated().flatMap { number, message in
      (0...1).map { frame(message, on: $0, at: Int64(number * 100 + $0 * 30)) }
    }
    return (frames, messages.count)
  }

  @Test(arguments: 0..<30)
  func `packets of sessions on bridge and NIC are counted once`(run: Int) {
    var random = SeededGenerator()
    let (frames, packets) = Self.traffic(&random, sessions: Int.random(in: 1...60, using: &random))
    let summary = AuditTests.summary(frames)
    #expect(summary.counts[.tunnel].frames == packets * 2, "seed \(random.seed)")
    #expect(summary.tunnelPackets == packets, "seed \(random.seed)")
  }

  @Test(arguments: 0..<60)
  func `with losses, repeats and late packets the count is right or absent`(run: Int) {
    var random = SeededGenerator()
    var (frames, _) = Self.traffic(&random, sessions: Int.random(in: 1...20, using: &random))
    for _ in 0..<Int.random(in: 1...6, using: &random) where frames.count > 2 {
      let index = frames.indices.randomElement(using: &random)!
      switch Int.random(in: 0..<3, using: &random) {
      case 0: frames.remove(at: index)
      case 1: frames.insert(frames[index], at: index)
      default: frames.swapAt(index, frames.indices.randomElement(using: &random)!)
      }
    }
    // The messages are the packets: behind NAT only addresses and checksums differ.
    let distinct = Set(frames.map { Array($0.bytes.dropFirst(28)) }).count
    let told = AuditTests.summary(frames).tunnelPackets
    #expect(told == nil || told == distinct, "\(told ?? -1) of \(distinct), seed \(random.seed)")
  }

  @Test func `each interface may have seen another part of a session`() {
    let data = (0..<40).map { wireGuardData(receiver: 7, counter: 100 + $0) }
    let frames =
      data[0..<25].enumerated().map { Self.frame($0.element, on: 0, at: Int64($0.offset * 100)) }
      + data[15..<40].enumerated().map { Self.frame($0.element, on: 1, at: Int64(($0.offset + 15) * 100 + 30)) }
    #expect(summary(frames.sorted { $0.time < $1.time }).tunnelPackets == 40)
  }

  @Test func `what is no single message leaves the count unknown`() {
    let data = (0..<5).map { wireGuardData(receiver: 7, counter: $0) }
    func count(_ messages: [[UInt8]]) -> Int? {
      summary(messages.enumerated().map { Self.frame($0.element, on: 1, at: Int64($0.offset)) }).tunnelPackets
    }
    #expect(count(data) == 5)
    #expect(count(data + [data[4]]) == nil)
    #expect(count([data[0], data[1], data[3]]) == nil)
    #expect(count(data + [[3, 0, 0, 0, 1, 0, 0, 0] + filler(56)]) == nil)
    // Two messages in one datagram, as a sender hands them to the kernel.
    #expect(count([[0, 1].flatMap { wireGuardData(receiver: 7, counter: $0, length: 1440) }]) == nil)
    #expect(count([]) == 0)
  }
}
