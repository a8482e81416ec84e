import TestSupport
import Testing
import Wire

@testable import Audit

@Suite struct RecentFlowsTests {
  /// A list of the same length, searched from its start.
  @Test func `keeps the same flows as a plain list of the latest`() throws {
    var random = SeededGenerator()
    var fast = RecentFlows<Int>()
    var slow: [(key: RecentFlowKey, value: Int)] = []
    let keys = try (0..<700).map { number in
      var packet = SampleFrame(udpPacket("192.0.2.1:1", "192.0.2.2:2")).decoded
      packet.source = IPAddress(v4: 0x0A00_0000 + UInt32(number % 50))
      packet.sourcePort = UInt16(number)
      return RecentFlowKey(interface: number % 3, flow: try #require(FlowKey(packet)))
    }
    for value in 0..<20_000 {
      // Runs of old and of new ones.
      let key = keys[Int.random(in: 0..<(value % 2000 < 1000 ? 200 : 700), using: &random)]
      let known = slow.firstIndex { $0.key == key }
      #expect(fast.position(of: key).map { fast[$0] } == known.map { slow[$0].value }, "seed \(random.seed), \(value)")
      guard Bool.random(using: &random) else { continue }
      let position = fast.insert(value, key)
      #expect(fast[position] == value)
      if let known {
        slow[known].value = value
      } else {
        slow.append((key, value))
        if slow.count > RecentFlows<Int>.limit { slow.removeFirst() }
      }
      #expect(fast.count == slow.count)
    }
  }
}
