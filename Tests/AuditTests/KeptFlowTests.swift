import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// Flows that must not be counted in bulk, because a later packet of them may be something else.
@Suite struct KeptFlowTests {
  private static let station = MACAddress(0x02_42_AC_12_00_02)
  private static let router = MACAddress(0x02_42_00_00_00_01)
  private static let beyond = MACAddress(0x02_42_00_00_00_02)

  private static func frame(
    _ packet: [UInt8], _ from: MACAddress = station, _ to: MACAddress = router
  ) -> SampleFrame { SampleFrame(ethernet(packet, .ipv4, from: from, to: to), .ethernet) }

  private static func counts(_ frames: [SampleFrame], _ policy: TunnelPolicy = policy()) -> ClassCounts {
    summary(frames, policy, roles: [nil], linkType: .ethernet).counts
  }

  @Test func `data from a public source comes in once it answers a flow that was seen`() {
    // What a router passes on shows nothing of whose it is.
    let data = (0..<6).map {
      Self.frame(
        udpPacket("203.0.113.9:4000", Sample.endpoint, wireGuardData(receiver: 9, counter: UInt64($0))), Self.router,
        Self.beyond)
    }
    let own = Self.frame(udpPacket("172.18.0.2:4000", "198.51.100.7:9999"))
    let question = Self.frame(udpPacket(Sample.endpoint, "203.0.113.9:4000"))
    #expect(Self.counts([own] + data)[.tunnel].frames == 6)
    let counted = Self.counts([own] + data[..<4] + [question] + data[4...])
    #expect(counted[.tunnel].frames == 4 && counted[.leak].frames == 2, "\(counted)")
    #expect(counted[.ingress].frames == 2, "\(counted)")
  }

  /// The shortest message of AmneziaWG is longer by its padding, whatever stands there.
  @Test func `padding that looks like WireGuard's data makes no flow of data`() {
    var parameters = AmneziaTests.silent
    parameters.messages.data = .init(padding: 16, headers: 0xF000_0000...0xFFFF_FFFF)
    let policy = AmneziaTests.policy(parameters)
    let messages = (0..<4).map { number in
      let message = wireGuardData(receiver: 9, counter: UInt64(number))
      return Array(message.prefix(16)) + littleEndian(0xF00D_CAFE as UInt32) + message.dropFirst(4)
    }
    let short = wireGuardData(receiver: 9, counter: 4, length: 32)
    let frames = (messages + [short]).map { Self.frame(udpPacket("172.18.0.2:4000", Sample.endpoint, $0)) }
    let counted = Self.counts(frames, policy)
    #expect(counted[.tunnel].frames == 4 && counted[.leak].frames == 1, "\(counted)")
  }

  /// A packet from an audited prefix shows that its station is of the audited side, whatever that sent before.
  @Test func `what comes in from a station is looked at until nothing can show whose it is`() {
    let only = policy {
      $0.audited = [stated(prefix("203.0.113.0/24"))]
      $0.auditedOnly = true
    }
    let other = Self.frame(udpPacket("172.18.0.9:123", Sample.endpoint, filler(40)))
    let own = Self.frame(udpPacket("203.0.113.9:123", Sample.endpoint, wireGuardData(receiver: 9)))
    func gaps(_ frames: [SampleFrame]) -> [String] {
      summary(frames, only, roles: [nil], linkType: .ethernet).incomplete.filter { $0.contains("MAC address") }
    }
    #expect(gaps([other, other, other]) == [])
    #expect(gaps([other, other, other, own]).contains { $0.hasPrefix("3 frames") })
    let counted = Self.counts([other, other, other, own, other, other], only)
    #expect(counted[.ingress].frames == 3 && counted[.leak].frames == 2, "\(counted)")
  }

  /// Packets that come in by their addresses, until one of the same flow shows that its sender is on the audited side.
  @Test func `an incoming flow is looked at as long as one of its packets may show whose it is`() {
    let premises = policy { $0.endpoints = [stated(TunnelEndpoint(endpoint("192.168.1.1:51820")))] }
    let messages = [filler(40), filler(40), filler(40), WireGuardSample.data, WireGuardSample.data]
    let toEndpoint = messages.map { Self.frame(udpPacket("203.0.113.9:4000", "192.168.1.1:51820", $0)) }
    #expect(audit(toEndpoint, premises) == ["ingress", "ingress", "ingress", "tunnel data", "tunnel data"])
    let counted = Self.counts(toEndpoint, premises)
    #expect(counted[.ingress].frames == 3 && counted[.tunnel].frames == 2, "\(counted)")

    // Early in a capture, what comes from a system port is an answer. Later, its question would have been seen.
    let only = policy {
      $0.audited = [stated(prefix("203.0.113.0/24"))]
      $0.auditedOnly = true
    }
    let own = Self.frame(udpPacket("203.0.113.9:4000", "198.51.100.8:4000", filler(40)))
    let others = [0, 1, 2, 31, 32].map {
      Self.frame(udpPacket("172.18.0.9:123", "198.51.100.7:4000", filler(40))).after(seconds: $0)
    }
    #expect(
      audit([own] + others, only) == ["leak other", "ingress", "ingress", "ingress", "leak other", "leak other"])
    #expect(Self.counts([own] + others, only)[.ingress].frames == 3)
  }

  /// Which flows went out is remembered in bounded memory: what answers a forgotten one goes out.
  @Test func `an answer is one as long as its question is remembered`() throws {
    let question = Self.frame(udpPacket("203.0.113.9:4000", "198.51.100.7:9999"))
    let answer = Self.frame(udpPacket("198.51.100.7:9999", "203.0.113.9:4000"), Self.router, Self.station)
    let place = try #require(FlowKey(question.decoded)).hash(seed: 1) & 0xFFFF
    // Flows that share the question's places in the table.
    var crowd: [SampleFrame] = []
    for host in 1...3 {
      var packet = question.decoded
      packet.destination = address("192.0.2.\(host)")
      for port in UInt16(1) ... .max {
        packet.destinationPort = port
        guard let hash = FlowKey(packet)?.hash(seed: 1), hash & 0xFFFF &+ 7 &- place <= 14 else { continue }
        crowd.append(Self.frame(udpPacket("203.0.113.9:4000", "192.0.2.\(host):\(port)")))
      }
    }
    #expect(Self.counts([question, answer, answer, answer])[.ingress].frames == 3)
    #expect(Self.counts([question, answer, answer] + crowd + [answer])[.ingress].frames == 2)
  }
}
