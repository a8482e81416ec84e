import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Bridge and NIC of one audit: whose leak it was, how far it got, and when (CONTRACT 4 and CONTRACT 5).
@Suite struct OriginTests {
  private static func frame(_ packet: [UInt8], on interface: Int, at milliseconds: Int64) -> SampleFrame {
    var frame = SampleFrame(packet)
    frame.interface = interface
    frame.direction = interface == 0 ? .incoming : .outgoing
    frame.time = Timestamp(nanoseconds: milliseconds * 1_000_000)
    return frame
  }

  private static func summary(
    _ frames: [SampleFrame], scope: AuditSummary.Scope = .stack, directory: OriginDirectory = OriginDirectory(),
    roles: [InterfaceRole?] = [.bridge, .nic], policy: TunnelPolicy = policy()
  ) -> AuditSummary {
    var rules = ConclusionRules()
    rules.scope = scope
    return AuditTests.summary(frames, policy, roles: roles, directory: directory, rules)
  }

  private static let query = dnsQuery("example.org")

  @Test func `a leak seen on the NIC behind NAT escaped and belongs to its container`() {
    let directory = OriginDirectory(names: [address("172.18.0.2"): ["wireguard", "qbittorrent"]])
    let summary = Self.summary(
      [
        Self.frame(udpPacket("172.18.0.2:4000", "198.51.100.53:53", Self.query), on: 0, at: 1),
        Self.frame(udpPacket("192.168.1.10:4000", "198.51.100.53:53", Self.query), on: 1, at: 2),
      ], directory: directory)
    #expect(summary.findings.map(\.fate) == [.escaped, .escaped])
    #expect(summary.findings.allSatisfy { $0.key.origin.name == "wireguard+qbittorrent" })
    #expect(summary.conclusion == .leaks)
    #expect(summary.findings.map(\.escaped.frames).sorted() == [0, 1])
  }

  @Test func `a packet is recognized even if NAT changes its source port`() {
    let summary = Self.summary([
      Self.frame(udpPacket("172.18.0.2:4000", "198.51.100.53:53", Self.query), on: 0, at: 1),
      Self.frame(udpPacket("192.168.1.10:61000", "198.51.100.53:53", Self.query), on: 1, at: 2),
    ])
    #expect(summary.findings.map(\.fate) == [.escaped, .escaped])
    #expect(summary.failingLeaks == 2)
  }

  @Test func `a leak on the bridge alone was only attempted`() {
    let summary = Self.summary([
      Self.frame(udpPacket("172.18.0.2:4000", "198.51.100.53:53", Self.query), on: 0, at: 1),
      Self.frame(udpPacket("192.168.1.10:4000", "192.168.1.7:80", filler(9)), on: 1, at: 2),
    ])
    #expect(summary.findings.map(\.fate) == [.attempted])
    #expect(summary.conclusion == .leaks)
  }

  /// A gateway with its own, unstated address on the NIC's network.
  @Test(arguments: [true, false])
  func `on the NIC's own network the tunnel's packets identify the gateway`(leakComesFirst: Bool) {
    let gateway = MACAddress(0x02_42_C0_A8_01_32)
    func frame(_ from: String, _ to: String, _ payload: [UInt8], _ mac: MACAddress, at milliseconds: Int64)
      -> SampleFrame
    {
      var frame = Self.frame(ethernet(udpPacket(from, to, payload), .ipv4, from: mac), on: 1, at: milliseconds)
      frame.linkType = .ethernet
      return frame
    }
    let bridge = Self.frame(udpPacket("172.18.0.5:4000", "172.18.0.3:80", filler(9)), on: 0, at: 1)
    let tunnel = frame("192.168.1.50:4", Sample.endpoint, WireGuardSample.data, gateway, at: 5)
    let leak = frame("192.168.1.50:5", "198.51.100.53:53", Self.query, gateway, at: leakComesFirst ? 2 : 8)
    let own = frame("192.168.1.10:5", "198.51.100.53:53", Self.query, MACAddress(0x52_54_00_AA_BB_01), at: 9)
    let spoofed = frame("192.168.1.50:5", "198.51.100.54:53", Self.query, MACAddress(0x52_54_00_AA_BB_01), at: 10)
    func told(_ frames: [SampleFrame], onLink: Bool = true) -> AuditSummary {
      Self.summary(
        [bridge] + frames,
        policy: policy {
          $0.containers = [
            stated(
              StatedContainer(names: ["gluetun"], addresses: [], macAddresses: [], holdsTunnel: true, isOnLink: onLink))
          ]
        })
    }
    let summary = told(leakComesFirst ? [leak, tunnel, own, spoofed] : [tunnel, leak, own, spoofed])
    #expect(summary.conclusion == .leaks && summary.failingLeaks == 1)
    #expect(Set(summary.findings.compactMap(\.key.origin.name)) == ["gluetun", "host"])
    // Without a tunnel packet it is not known.
    #expect(told([own]).conclusion == .incomplete)
    #expect(told([own, tunnel]).conclusion == .clean)
    // Behind NAT machine and gateway share both.
    #expect(told([tunnel, leak], onLink: false).conclusion == .clean)
  }

  @Test func `the host's own traffic is separate and fails the audit only on request`() {
    let frames = [
      Self.frame(udpPacket("172.18.0.2:4000", "172.18.0.3:80", filler(9)), on: 0, at: 1),
      Self.frame(udpPacket("192.168.1.10:4000", "198.51.100.53:53", Self.query), on: 1, at: 2),
    ]
    let summary = Self.summary(frames)
    #expect(summary.findings.map(\.key.origin) == [.host])
    #expect(summary.conclusion == .clean)
    #expect(summary.counts[.leak].frames == 1)
    #expect(Self.summary(frames, scope: .all).conclusion == .leaks)
    #expect(Self.summary(frames, scope: .host).conclusion == .leaks)
    // With the NIC alone, host and containers cannot be told apart: everything counts.
    #expect(Self.summary(frames, roles: [nil, .nic]).conclusion == .leaks)
  }

  @Test func `a flow allowed on the bridge is allowed behind NAT too, and nothing else is`() {
    let notification = tcpPacket("172.18.0.9:4000", "198.51.100.80:443", filler(40))
    let frames = [
      Self.frame(notification, on: 0, at: 1),
      Self.frame(tcpPacket("192.168.1.10:4000", "198.51.100.80:443", filler(40)), on: 1, at: 2),
      Self.frame(tcpPacket("192.168.1.10:4001", "198.51.100.80:443", filler(41)), on: 1, at: 3),
    ]
    let policy = policy { $0.allowRules = [allow("src host 172.18.0.9")] }
    let summary = Self.summary(frames, scope: .all, policy: policy)
    #expect(summary.counts[.allowed].frames == 2)
    #expect(summary.counts[.leak].frames == 1)
  }

  @Test func `a similar packet that comes late on the NIC is not the bridge's`() {
    let summary = Self.summary([
      Self.frame(udpPacket("172.18.0.2:4000", "198.51.100.53:53", Self.query), on: 0, at: 1),
      Self.frame(udpPacket("192.168.1.10:4000", "198.51.100.53:53", Self.query), on: 1, at: 60_000),
    ])
    #expect(summary.findings.first { $0.key.interface == 0 }?.fate == .attempted)
    #expect(summary.findings.first { $0.key.interface == 1 }?.key.origin == .host)
  }

  @Test func `windows show when leaks happened in the tunnel's life`() {
    let leak = udpPacket("172.18.0.2:4000", "198.51.100.53:53", Self.query)
    var transport = wireGuard(4, length: 80)
    let sent = { (counter: UInt8, time: Int64) in
      transport[8] = counter
      return Self.frame(udpPacket("172.18.0.2:40001", Sample.endpoint, transport), on: 0, at: time)
    }
    let summary = Self.summary([
      Self.frame(leak, on: 0, at: 1), Self.frame(leak, on: 0, at: 5),
      sent(0, 10), Self.frame(leak, on: 0, at: 15), sent(1, 20),
      Self.frame(leak, on: 0, at: 30), Self.frame(leak, on: 0, at: 37),
    ])
    #expect(summary.windows.beforeHandshake.count.frames == 2)
    #expect(summary.windows.beforeHandshake.duration == 4_000_000)
    #expect(summary.windows.whileUp.count.frames == 1)
    #expect(summary.windows.afterLast.count.frames == 2)
    #expect(summary.windows.afterLast.duration == 7_000_000)
  }

  @Test func `a handshake after a leak shows that the tunnel may have been down`() {
    let leak = udpPacket("172.18.0.2:4000", "198.51.100.53:53", Self.query)
    func sent(_ message: [UInt8], at time: Int64) -> SampleFrame {
      Self.frame(udpPacket("172.18.0.2:40001", Sample.endpoint, message), on: 0, at: time)
    }
    func windows(_ frames: [SampleFrame]) -> [Int] {
      let windows = Self.summary(frames).windows
      return [windows.beforeHandshake, windows.whileUp, windows.beforeNewHandshake, windows.afterLast]
        .map(\.count.frames)
    }
    var data = wireGuard(4, length: 80)
    let first = sent(data, at: 10)
    data[8] = 1
    let initiation = sent(wireGuard(1, length: 148), at: 30)
    var response = Self.frame(
      udpPacket(Sample.endpoint, "172.18.0.2:40001", wireGuard(2, length: 92)), on: 0, at: 40)
    response.direction = .outgoing
    let (early, late) = (Self.frame(leak, on: 0, at: 20), Self.frame(leak, on: 0, at: 35))
    // The same session on both sides.
    #expect(windows([first, early, sent(data, at: 50)]) == [0, 1, 0, 0])
    // Down and up again, even if the handshake is answered later.
    #expect(windows([first, early, initiation, response, sent(data, at: 50)]) == [0, 0, 1, 0])
    #expect(windows([first, initiation, late, response, sent(data, at: 50)]) == [0, 0, 1, 0])
    // A packet of the old session in between: that leak happened while the tunnel was up.
    #expect(windows([first, early, sent(data, at: 25), initiation, late, response]) == [0, 1, 1, 0])
    // Unanswered retries do not show that the tunnel was up.
    #expect(windows([first, early, initiation, late]) == [0, 0, 1, 1])
  }

  @Test func `leaks that wait for a handshake get their window like others`() {
    func sent(_ to: String, _ port: Int, _ message: [UInt8], at time: Int64) -> SampleFrame {
      Self.frame(udpPacket("172.18.0.2:\(port)", to, message), on: 0, at: time)
    }
    func answered(at time: Int64) -> [SampleFrame] {
      var response = Self.frame(
        udpPacket(Sample.endpoint, "172.18.0.2:40001", WireGuardSample.response), on: 0, at: time + 1)
      response.direction = .outgoing
      return [sent(Sample.endpoint, 40001, WireGuardSample.initiation, at: time), response]
    }
    let elsewhere = sent("198.51.100.9:51820", 4001, WireGuardSample.initiation, at: 20)
    let summary = AuditTests.summary(
      answered(at: 5) + [elsewhere] + answered(at: 30), TunnelPolicy(), infersEndpoints: true)
    #expect(summary.counts[.leak].frames == 1)
    #expect(summary.windows.beforeNewHandshake.count.frames == 1)
  }
}
