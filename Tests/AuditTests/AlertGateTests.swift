import Audit
import HostileAudit
import Policy
import TestSupport
import Testing
import Wire

/// What is alerted at once and what is summed up: in the end every leak is in exactly one alert.
@Suite struct AlertGateTests {
  private static func tell(
    _ frames: [SampleFrame], only: Set<LeakReason> = [], roles: [InterfaceRole?] = [.bridge],
    under policy: TunnelPolicy = policy(), senders: @escaping (Leak) -> [LeakSender] = { _ in [] }
  ) -> (atOnce: [Alert], summed: [Alert], leaks: Int) {
    var auditor = Auditor(policy, seed: 1)
    var cursor = SourceCursor()
    for (index, role) in roles.enumerated() {
      cursor.interfaces.append(auditor.attach(InterfaceTally(name: "if\(index)", linkType: .raw, role: role)))
    }
    var source = FrameList(frames)
    var teller = AlertTeller(AlertGate(only: only, scope: .stack))
    teller.senders = senders
    while case .limit = auditor.audit(&source, &cursor, until: .distantFuture, limit: 64, observer: &teller) {}
    return (teller.atOnce, teller.gate.sumUp(), auditor.leaksSoFar)
  }

  /// One leak to each of `destinations` in turn, a millisecond apart.
  private static func leaks(_ count: Int, destinations: Int, step: Int64 = 1_000_000) -> [SampleFrame] {
    (0..<count).map { index in
      let number = index % destinations
      var frame = SampleFrame(
        udpPacket("172.18.0.2:4000", "198.18.\(number / 256).\(number % 256):53", dnsQuery("example.org")))
      frame.direction = .incoming
      frame.time = Timestamp(nanoseconds: 1_000_000_000_000 + Int64(index) * step)
      return frame
    }
  }

  private static func total(_ told: (atOnce: [Alert], summed: [Alert], leaks: Int)) -> Int {
    (told.atOnce + told.summed).reduce(0) { $0 + $1.count.frames }
  }

  @Test func `an informational leak does not hide one that counts`() {
    let named = policy { $0.resolvedNames = ["vpn.example"] }
    let frames = ["vpn.example", "www.example", "vpn.example", "www.example"].map { name in
      var frame = SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.53:53", dnsQuery(name)))
      frame.direction = .incoming
      return frame
    }
    let told = Self.tell(frames, under: named)
    #expect(told.atOnce.map(\.severity) == [.info, .high])
    #expect(told.summed.map(\.severity) == [.info, .high])
    #expect(Self.total(told) == 4)
  }

  @Test func `another container's first leak of a kind alerts at once, and what comes again is summed up`() {
    let frames = (0..<6).map { index in
      var frame = SampleFrame(udpPacket("172.18.0.2:\(4000 + index)", "198.51.100.53:53", dnsQuery("example.org")))
      (frame.direction, frame.time) = (.incoming, Timestamp(nanoseconds: Int64(index) * 1_000_000))
      return frame
    }
    // The third one's process is not known, and two may have sent the last one.
    let told = Self.tell(frames) { leak in
      switch leak.sourcePort {
      case 4000, 4003: [LeakSender(.sent, container: "qbittorrent", program: "dig", process: 5)]
      case 4001, 4004: [LeakSender(.used, container: "prowlarr", program: "dig", process: 6)]
      case 4005: [LeakSender(.sent, container: "prowlarr"), LeakSender(.sent, container: "radarr")]
      default: []
      }
    }
    #expect(told.atOnce.map(\.kind) == [.leak, .leak, .leak])
    #expect(
      told.atOnce.map { $0.senders.compactMap(\.container) } == [
        ["qbittorrent"], ["prowlarr"], ["prowlarr", "radarr"],
      ])
    #expect(told.summed.map(\.kind) == [.repeated] && told.summed.allSatisfy { $0.senders.isEmpty })
    #expect(Self.total(told) == 6)
  }

  @Test func `the first leak of a kind alerts at once, repeats are summed up`() {
    let told = Self.tell(Self.leaks(30, destinations: 3))
    #expect(told.atOnce.map(\.kind) == [.leak, .leak, .leak])
    #expect(told.summed.map(\.kind) == [.repeated, .repeated, .repeated])
    #expect(told.summed.map(\.count.frames) == [9, 9, 9])
    #expect(Self.total(told) == told.leaks)
  }

  @Test func `a packet reported by the bridge first and the NIC later counts once`() {
    let frames = Self.leaks(10, destinations: 1).flatMap { onBridge in
      var onNIC = SampleFrame(udpPacket("192.168.1.10:4000", "198.18.0.0:53", dnsQuery("example.org")))
      (onNIC.interface, onNIC.direction) = (1, .outgoing)
      onNIC.time = Timestamp(nanoseconds: onBridge.time.nanoseconds + 1000)
      return [onBridge, onNIC]
    }
    let told = Self.tell(frames, roles: [.bridge, .nic])
    #expect(told.atOnce.map(\.kind) == [.leak, .escaped])
    #expect(told.atOnce.map(\.packets) == [1, 0])
    #expect(told.summed.map(\.kind) == [.repeated])
    #expect(told.summed.map(\.packets) == [9])
    #expect(told.summed.map(\.count.frames) == [18])
    #expect(Self.total(told) == told.leaks)
  }

  @Test func `a flood of new kinds alerts at a bounded rate and is counted in full`() {
    let told = Self.tell(Self.leaks(30_000, destinations: 30_000, step: 10_000))
    #expect(told.atOnce.count <= 110)
    #expect(told.summed.map(\.kind) == [.suppressed])
    #expect(told.leaks == 30_000)
    #expect(Self.total(told) == told.leaks)
  }

  @Test func `many mild leaks neither delay a worse one nor hide its name`() {
    var frames = (0..<30_000).map { index in
      SampleFrame(
        udpPacket("172.18.0.2:4000", "198.\(18 + index / 65536).\(index / 256 % 256).\(index % 256):9", filler(20)))
    }
    frames.append(SampleFrame(udpPacket("\(Sample.tunnelAddress):4000", "198.51.100.9:9", filler(20))))
    frames += (0..<200).map {
      SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.\($0):53", dnsQuery("example.org")))
    }
    for index in frames.indices {
      frames[index].direction = .incoming
      frames[index].time.nanoseconds += Int64(index) * 5_000_000
    }
    let told = Self.tell(frames)
    #expect(told.atOnce.filter { $0.severity == .critical }.map(\.reason) == [.tunnelAddress])
    #expect(told.atOnce.filter { $0.severity == .critical }.map(\.kind) == [.leak])
    #expect(told.atOnce.filter { $0.reason == .dns }.count >= 100)
    let suppressed = told.summed.filter { $0.kind == .suppressed }
    #expect(suppressed.map(\.reason) == [.dns, .other])
    #expect(suppressed.map(\.severity) == [.high, .medium])
    #expect(Self.total(told) == told.leaks)
  }

  @Test func `findings beyond the limit keep their severity and leave room for worse ones`() {
    var frames = (0..<6000).map { index in
      SampleFrame(udpPacket("172.18.0.2:4000", "198.18.\(index / 256).\(index % 256):9", filler(20)))
    }
    frames += (0..<20).map { SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.\($0):53", dnsQuery("example.org"))) }
    var summary: AuditSummary?
    _ = audit(frames) { summary = $0.summary(ConclusionRules()) }
    let findings = summary?.findings ?? []
    #expect(findings.filter { $0.severity == .high }.count == 20)
    #expect(findings.filter { $0.severity == .high }.allSatisfy { $0.key.destination != nil })
    #expect(
      findings.filter { $0.severity == .medium && $0.key.destination == nil }.map(\.count.frames) == [6000 - 4096])
    #expect(findings.reduce(0) { $0 + $1.count.frames } == 6020)
    #expect(summary?.notices.contains { $0.kind == .mergedFindings && $0.text.hasSuffix("(1904 medium).") } == true)
  }

  @Test func `a clock that is set back neither hides leaks nor lets every alert through`() {
    var frames = Self.leaks(500, destinations: 500)
    for index in 250..<500 { frames[index].time.nanoseconds -= 900_000_000_000 }
    let told = Self.tell(frames)
    #expect(told.leaks == 500)
    #expect(Self.total(told) == 500)
    #expect(told.atOnce.count >= 100 && told.atOnce.count <= 130)
  }

  @Test func `--only limits alerts, and the audit still counts everything`() {
    let ping = SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.9:9", filler(20)))
    var frames = Self.leaks(1, destinations: 1) + [ping]
    frames[1].direction = .incoming
    frames[1].time = frames[0].time
    let told = Self.tell(frames, only: [.dns])
    #expect(told.atOnce.map(\.reason) == [.dns])
    #expect(told.leaks == 2)
  }

  @Test func `an attempted leak that later escapes alerts again`() {
    var frames = Self.leaks(2, destinations: 1)
    frames[1] = SampleFrame(udpPacket("192.168.1.10:4000", "198.18.0.0:53", dnsQuery("example.org")))
    frames[1].interface = 1
    frames[1].direction = .outgoing
    frames[1].time = Timestamp(nanoseconds: frames[0].time.nanoseconds + 1000)
    let told = Self.tell(frames, roles: [.bridge, .nic])
    #expect(told.atOnce.map(\.kind) == [.leak, .escaped])
    #expect(told.atOnce.map(\.fate) == [.attempted, .escaped])
    #expect(told.atOnce[0].isContinued(by: told.atOnce[1]))
  }
}
