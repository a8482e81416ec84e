import Audit
import Policy
import TestSupport
import Testing
import Wire

/// A leak that bridge and NIC both showed is one packet.
@Suite struct PacketCountTests {
  private enum Side: Int { case bridge, nic }

  private static func frame(_ packet: [UInt8], on side: Side, at microseconds: Int64) -> SampleFrame {
    var frame = SampleFrame(packet)
    frame.interface = side.rawValue
    frame.direction = side == .bridge ? .incoming : .outgoing
    frame.time = Timestamp(nanoseconds: microseconds * 1000)
    return frame
  }

  /// One packet of a flow, as `source` sends it.
  private static func packet(flow: Int, number: Int, from source: String, port: Int) -> [[UInt8]] {
    let host = "198.51.100.\(flow % 40 + 1)"
    switch flow % 5 {
    case 0:
      return [udpPacket("\(source):\(port)", "\(host):\(1000 + flow)", filler(30, UInt8(truncatingIfNeeded: number)))]
    case 1:
      return [
        tcpPacket(
          "\(source):\(port)", "\(host):\(1000 + flow)", number == 0 ? [] : filler(20),
          flags: number == 0 ? 0x02 : 0x18,
          sequence: UInt32(number))
      ]
    case 2: return [udpPacket("\(source):\(port)", "\(host):53", dnsQuery("n\(number % 3).example.org"))]
    case 3:
      return [
        icmpPacket(source, host, icmpEcho(8, identifier: UInt16(flow), sequence: UInt16(truncatingIfNeeded: number)))
      ]
    default:
      let identification = UInt32(flow << 8 + number) & 0xFFFF
      let datagram = udp(UInt16(port), UInt16(1000 + flow), filler(40))
      return [
        ip(
          from: address(source), to: address(host), .udp, Array(datagram.prefix(24)),
          fragment: Fragmentation(offset: 0, more: true, identification: identification)),
        ip(
          from: address(source), to: address(host), .udp, Array(datagram.dropFirst(24)),
          fragment: Fragmentation(offset: 24, more: false, identification: identification)),
      ]
    }
  }

  /// Packets of random flows on the bridge, and those that left behind NAT on the NIC.
  private static func traffic(_ random: inout SeededGenerator) -> (frames: [SampleFrame], packets: Int, escaped: Int) {
    let kills = (0..<20).map { _ in Bool.random(using: &random) && Bool.random(using: &random) }
    var numbers = Array(repeating: 0, count: kills.count)
    var frames: [SampleFrame] = []
    var (packets, escaped) = (0, 0)
    var now: Int64 = 0
    for _ in 0..<300 {
      let flow = Int.random(in: kills.indices, using: &random)
      // NAT changes a port that is in use.
      let (inner, outer) = (4000 + flow, flow % 7 == 0 ? 61_000 + flow : 4000 + flow)
      now += Int64.random(in: 10...3000, using: &random)
      let sent = packet(flow: flow, number: numbers[flow], from: "172.18.0.\(flow % 3 + 2)", port: inner)
      for part in sent { frames.append(frame(part, on: .bridge, at: now)) }
      packets += sent.count
      if !kills[flow] {
        let left = packet(flow: flow, number: numbers[flow], from: "192.168.1.10", port: outer)
        for part in left { frames.append(frame(part, on: .nic, at: now + 5)) }
        escaped += left.count
      }
      numbers[flow] += 1
    }
    return (frames, packets, escaped)
  }

  @Test(arguments: 0..<20)
  func `random flows behind NAT count as the packets that the bridge sent`(run: Int) {
    var random = SeededGenerator()
    let (frames, packets, escaped) = Self.traffic(&random)
    let summary = AuditTests.summary(frames)
    #expect(summary.counts[.leak].frames == packets + escaped, "seed \(random.seed)")
    #expect(summary.leakPackets == packets, "seed \(random.seed)")
    #expect(summary.windows.packets == packets, "seed \(random.seed)")
    let told = summary.findings.filter { $0.packets > 0 }
    #expect(told.allSatisfy { $0.key.interface == 0 }, "seed \(random.seed)")
    #expect(told.reduce(0) { $0 + $1.escaped.frames } == escaped, "seed \(random.seed)")
  }

  @Test(arguments: 0..<20)
  func `packets that the bridge's capture lost count on the NIC, none twice`(run: Int) {
    var random = SeededGenerator()
    let (all, _, escaped) = Self.traffic(&random)
    // The first packet of each flow stays, so that the flow can be matched.
    var seen: Set<[UInt8]> = []
    let frames = all.filter { frame in
      frame.interface == 1 || seen.insert(Array(frame.bytes[16..<20])).inserted
        || Int.random(in: 0..<4, using: &random) > 0
    }
    let summary = AuditTests.summary(frames)
    let onBridge = frames.count { $0.interface == 0 }
    let told = summary.leakPackets ?? -1
    #expect((max(onBridge, escaped)...frames.count).contains(told), "\(told), seed \(random.seed)")
  }

  @Test func `without roles, or with two NICs, packets are not matched`() {
    let query = dnsQuery("example.org")
    func packets(_ roles: [InterfaceRole?]) -> Int? {
      var frames = [
        Self.frame(udpPacket("172.18.0.2:4000", "198.51.100.53:53", query), on: .bridge, at: 1),
        Self.frame(udpPacket("192.168.1.10:4000", "198.51.100.53:53", query), on: .nic, at: 2),
      ]
      for (index, role) in roles.enumerated() { frames[index].direction = role == .bridge ? .incoming : .outgoing }
      return summary(frames, roles: roles).leakPackets
    }
    #expect(packets([.bridge, .nic]) == 1)
    #expect(packets([.bridge, nil]) == nil)
    #expect(packets([.nic, .nic]) == nil)
    // Some packets are seen only on a bridge.
    #expect(packets([.bridge, .bridge]) == 2)
  }

  @Test func `names seen only on the NIC are still reported`() {
    let frames = ["ours.example", "theirs.example"].enumerated().map { side, name in
      Self.frame(
        udpPacket("\(side == 0 ? "172.18.0.2" : "192.168.1.10"):4000", "198.51.100.53:53", dnsQuery(name)),
        on: side == 0 ? .bridge : .nic, at: Int64(side + 1))
    }
    let told = summary(frames).findings.filter { $0.packets > 0 }
    #expect(told.map { $0.questions.elements.map(\.text) } == [["ours.example A", "theirs.example A"]])
  }

  /// The end of an older connection is mild; the NIC's packets of its flow carry content.
  @Test func `a packet counts where its severity is higher`() {
    let frames = [
      Self.frame(tcpPacket("172.18.0.2:4000", "198.51.100.80:8888", flags: 0x10), on: .bridge, at: 1),
      Self.frame(tcpPacket("192.168.1.10:4000", "198.51.100.80:8888", filler(30)), on: .nic, at: 2),
    ]
    let summary = AuditTests.summary(frames)
    #expect(summary.leakPackets == 1)
    let told = summary.findings.filter { $0.packets > 0 }
    #expect(Set(summary.findings.map(\.severity)).count == 2)
    #expect(told.map(\.severity) == [summary.findings.map(\.severity).max()])
  }

  /// A handshake beside an Endpoint's, which an answer may still explain, is matched with nothing.
  @Test func `handshakes to other endpoints on both interfaces are not counted as packets`() {
    func sent(_ from: String, _ to: String, on side: Side, at time: Int64) -> SampleFrame {
      Self.frame(udpPacket(from, to, WireGuardSample.initiation), on: side, at: time)
    }
    func answer(_ to: String, on side: Side, at time: Int64) -> SampleFrame {
      var frame = Self.frame(udpPacket(Sample.endpoint, to, WireGuardSample.response), on: side, at: time)
      frame.direction = side == .bridge ? .outgoing : .incoming
      return frame
    }
    let handshake = [
      sent("172.18.0.2:40001", Sample.endpoint, on: .bridge, at: 1),
      sent("192.168.1.10:40001", Sample.endpoint, on: .nic, at: 2),
      answer("192.168.1.10:40001", on: .nic, at: 3), answer("172.18.0.2:40001", on: .bridge, at: 4),
    ]
    let onBridge = sent("172.18.0.2:4000", "198.51.100.9:51820", on: .bridge, at: 5)
    let onNIC = sent("192.168.1.10:4000", "198.51.100.9:51820", on: .nic, at: 6)
    func told(_ frames: [SampleFrame]) -> AuditSummary {
      summary(handshake + frames, TunnelPolicy(), infersEndpoints: true)
    }
    #expect(told([onBridge, onNIC]).counts[.leak].frames == 2)
    #expect(told([onBridge, onNIC]).leakPackets == nil)
    #expect(told([onBridge]).leakPackets == 1)
  }
}
