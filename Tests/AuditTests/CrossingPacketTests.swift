import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Local and allowed packets that bridge and NIC both showed count once. The count is right or absent.
@Suite struct CrossingPacketTests {
  private enum Side: Int { case bridge, nic }

  private static func frame(_ packet: [UInt8], on side: Side, at microseconds: Int64) -> SampleFrame {
    var frame = SampleFrame(packet)
    frame.interface = side.rawValue
    frame.direction = side == .bridge ? .incoming : .outgoing
    frame.time = Timestamp(nanoseconds: microseconds * 1000)
    return frame
  }

  private struct Flow {
    var target: String
    var port: Int
    var isTCP: Bool
    /// Where it shows; NAT may change its port.
    var onBridge: Bool
    var onNIC: Bool
    var natPort: Int

    func packet(on side: Side) -> [UInt8] {
      let source = side == .bridge ? "172.18.0.2:\(port)" : "192.168.1.10:\(natPort)"
      return isTCP ? tcpPacket(source, target, filler(20)) : udpPacket(source, target, filler(30))
    }
  }

  /// Packets of random flows to a LAN, or to public servers that a rule allows, and how many there are.
  private static func traffic(
    _ random: inout SeededGenerator, flows count: Int, packets: Int, changesPorts: Bool, to host: (Int) -> String
  ) -> (frames: [SampleFrame], packets: Int) {
    let flows = (0..<count).map { number in
      // The host and the container talk to hosts of their own; those of the first third are common to both.
      let kind = Int.random(in: 0..<3, using: &random)
      let target = "\(host(kind == 2 ? number % 5 + 100 : number % 5 + 20)):\(kind == 0 ? 445 : 8443)"
      let isShared = kind == 0 || Bool.random(using: &random)
      let isChanged = changesPorts && Int.random(in: 0..<5, using: &random) == 0
      return Flow(
        target: target, port: 2000 + number, isTCP: Bool.random(using: &random), onBridge: kind != 2,
        onNIC: kind == 2 || isShared, natPort: isChanged ? 62_000 + number % 3000 : 2000 + number)
    }
    var frames: [SampleFrame] = []
    var now: Int64 = 0
    for _ in 0..<packets {
      let flow = flows.randomElement(using: &random)!
      now += Int64.random(in: 10...20_000, using: &random)
      if flow.onBridge { frames.append(frame(flow.packet(on: .bridge), on: .bridge, at: now)) }
      if flow.onNIC { frames.append(frame(flow.packet(on: .nic), on: .nic, at: now + 5)) }
    }
    return (frames, packets)
  }

  private static func lan(_ number: Int) -> String { "192.168.1.\(number)" }
  private static func server(_ number: Int) -> String { "198.51.100.\(number)" }

  @Test(arguments: 0..<20)
  func `local packets behind NAT count once`(run: Int) {
    var random = SeededGenerator()
    let (frames, packets) = Self.traffic(
      &random, flows: 60, packets: 900, changesPorts: false, to: Self.lan)
    let summary = AuditTests.summary(frames)
    #expect(summary.counts[.local].frames == frames.count, "seed \(random.seed)")
    #expect(summary.localPackets == packets, "seed \(random.seed)")
    #expect(summary.allowedPackets == 0)
  }

  @Test(arguments: 0..<20)
  func `with changed ports the count is right or absent`(run: Int) {
    var random = SeededGenerator()
    let (frames, packets) = Self.traffic(&random, flows: 12, packets: 200, changesPorts: true, to: Self.lan)
    let told = AuditTests.summary(frames).localPackets
    #expect(told == nil || told == packets, "\(told ?? -1) of \(packets), seed \(random.seed)")
  }

  /// More flows than are followed at a time: those that have ended are compared, and make room.
  @Test func `any number of flows that end is counted, and a flood at once is not`() {
    func told(_ flows: Int, every microseconds: Int64) -> Int? {
      let frames = (0..<flows).flatMap { number -> [SampleFrame] in
        let flow = Flow(
          target: "192.168.1.\(number / 50_000 + 20):445", port: 1024 + number % 50_000, isTCP: false, onBridge: true,
          onNIC: true, natPort: 1024 + number % 50_000)
        let now = Int64(number) * microseconds
        return [
          Self.frame(flow.packet(on: .bridge), on: .bridge, at: now),
          Self.frame(flow.packet(on: .nic), on: .nic, at: now + 5),
        ]
      }
      return AuditTests.summary(frames).localPackets
    }
    #expect(told(20_000, every: 2000) == 20_000)
    #expect(told(20_000, every: 20) == nil)
  }

  @Test(arguments: 0..<5)
  func `allowed packets behind NAT count once`(run: Int) {
    var random = SeededGenerator()
    let (frames, packets) = Self.traffic(&random, flows: 20, packets: 200, changesPorts: false, to: Self.server)
    let policy = policy { $0.allowRules = [allow("dst net 198.51.100.0/24")] }
    let summary = AuditTests.summary(frames, policy)
    #expect(summary.counts[.allowed].frames == frames.count, "seed \(random.seed)")
    #expect(summary.allowedPackets == packets, "seed \(random.seed)")
  }

  /// Two containers use the same port: NAT changes one of them.
  @Test func `a port that two containers share leaves the count unknown`() {
    let frames = ["172.18.0.2", "172.18.0.3"].enumerated().flatMap { number, source in
      [
        Self.frame(
          udpPacket("\(source):4000", "192.168.1.20:445", filler(30)), on: .bridge, at: Int64(number * 10 + 1)),
        Self.frame(
          udpPacket("192.168.1.10:\(number == 0 ? 4000 : 61_000)", "192.168.1.20:445", filler(30)), on: .nic,
          at: Int64(number * 10 + 2)),
      ]
    }
    #expect(AuditTests.summary(Array(frames.prefix(2))).localPackets == 1)
    #expect(AuditTests.summary(frames).localPackets == nil)
  }

  /// As a capture without directions shows them: NAT has changed the destination back.
  @Test func `answers behind NAT leave the count unknown`() {
    let frames = [
      Self.frame(udpPacket("172.18.0.2:4000", "192.168.1.20:445", filler(30)), on: .bridge, at: 1),
      Self.frame(udpPacket("192.168.1.10:4000", "192.168.1.20:445", filler(30)), on: .nic, at: 2),
      Self.frame(udpPacket("192.168.1.20:445", "192.168.1.10:4000", filler(30)), on: .nic, at: 3),
      Self.frame(udpPacket("192.168.1.20:445", "172.18.0.2:4000", filler(30)), on: .bridge, at: 4),
    ].map { frame in
      var frame = frame
      frame.direction = .unknown
      return frame
    }
    #expect(AuditTests.summary(Array(frames.prefix(2))).localPackets == 1)
    #expect(AuditTests.summary(frames).localPackets == nil)
  }

  @Test func `packets without ports to one host are counted only if one side showed them`() {
    func packet(on side: Side) -> SampleFrame {
      Self.frame(
        ip(
          from: address(side == .bridge ? "172.18.0.2" : "192.168.1.10"), to: address("192.168.1.20"), .gre, filler(40)),
        on: side, at: Int64(side.rawValue + 1))
    }
    #expect(AuditTests.summary([packet(on: .bridge)]).localPackets == 1)
    #expect(AuditTests.summary([packet(on: .bridge), packet(on: .nic)]).localPackets == nil)
  }

  @Test func `a group's packets on two interfaces are two packets`() {
    let frames = [Side.bridge, .nic].map { side in
      Self.frame(
        udpPacket(side == .bridge ? "172.18.0.1:5353" : "192.168.1.10:5353", "224.0.0.251:5353", filler(40)), on: side,
        at: Int64(side.rawValue + 1))
    }
    #expect(AuditTests.summary(frames).localPackets == 2)
  }
}
