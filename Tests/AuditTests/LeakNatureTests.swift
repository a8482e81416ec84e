import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Leaks that get a special name and severity because of what came before them.
@Suite struct LeakNatureTests {
  /// `severity reason frames` of each finding, worst first, and how many frames fail the audit.
  private static func findings(
    _ packets: [[UInt8]], _ policy: TunnelPolicy = policy(), starts: Bool = false, failing: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> [String] {
    var summary: AuditSummary?
    let frames = packets.enumerated().map { index, packet in
      var frame = SampleFrame(packet)
      frame.time.nanoseconds += Int64(index) * 1_000_000
      return frame
    }
    _ = audit(frames, policy, roles: [.bridge], sourceLocation: sourceLocation) {
      summary = $0.summary(ConclusionRules())
    }
    #expect(summary?.failingLeaks == failing, sourceLocation: sourceLocation)
    return (summary?.findings ?? []).map { "\($0.severity) \($0.key.reason.rawValue) \($0.count.frames)" }
  }

  // MARK: The Endpoint's own name

  private static let named = policy {
    $0.endpoints = []
    $0.namedEndpoints = [stated(NamedEndpoint(name: "vpn.example", port: 51820))]
  }

  private static func lookup(_ name: String = "vpn.example", type: UInt16 = 1, port: Int = 4000) -> [UInt8] {
    udpPacket("172.18.0.2:\(port)", "198.51.100.53:53", dnsQuery(name, type: type))
  }

  private static let answer = udpPacket(
    "198.51.100.53:53", "172.18.0.2:4000", dnsResponse("vpn.example", [address("203.0.113.178")]))
  private static func tunnel(_ message: [UInt8]) -> [UInt8] {
    udpPacket("172.18.0.2:40000", "203.0.113.178:51820", message)
  }

  @Test func `looking up the Endpoint's name before the tunnel is informational`() {
    let packets = [Self.lookup(), Self.lookup(type: 28), Self.answer, Self.tunnel(WireGuardSample.initiation)]
    #expect(Self.findings(packets, Self.named, failing: 0) == ["info dns 2"])
    var resolved = policy()
    resolved.resolvedNames = ["VPN.example."]
    #expect(Self.findings([Self.lookup()], resolved, failing: 0) == ["info dns 1"])
  }

  @Test func `--fail-on info fails on informational leaks`() {
    var rules = ConclusionRules()
    rules.failOn = .info
    _ = audit([SampleFrame(Self.lookup())], Self.named) { #expect($0.summary(rules).conclusion == .leaks) }
  }

  @Test func `other names, other types and outgoing answers are still leaks`() {
    for packet in [
      Self.lookup("www.example"), Self.lookup("a.vpn.example"), Self.lookup(type: 16),
      udpPacket("172.18.0.2:4000", "198.51.100.53:53", dnsResponse("vpn.example", [address("203.0.113.178")])),
      tcpPacket("172.18.0.2:4000", "198.51.100.53:53", bigEndian(UInt16(29)) + dnsQuery("vpn.example")),
    ] { #expect(Self.findings([packet], Self.named, failing: 1) == ["high dns 1"]) }
    // Without a name in the policy there is none to look up.
    #expect(Self.findings([Self.lookup()], failing: 1) == ["high dns 1"])
  }

  @Test func `a harmless lookup does not hide the query after it`() {
    let packets = [Self.lookup(), Self.lookup("www.example")]
    #expect(Self.findings(packets, Self.named, failing: 1) == ["high dns 1", "info dns 1"])
  }

  @Test func `too many lookups are not a start-up`() {
    let packets = (0..<11).map { Self.lookup(port: 4000 + $0) }
    #expect(Self.findings(packets, Self.named, failing: 3) == ["high dns 3", "info dns 8"])
  }

  @Test func `while the tunnel is up, looking up the Endpoint's name is a leak until a container starts`() {
    let packets = [Self.lookup(), Self.answer, Self.tunnel(WireGuardSample.data), Self.lookup(port: 4001)]
    #expect(Self.findings(packets, Self.named, failing: 1) == ["high dns 1", "info dns 1"])
    var auditor = Auditor(Self.named, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "if0", linkType: .raw, role: nil))]
    let moment = SampleFrame([]).time
    for frame in packets.prefix(3) { Self.feed(SampleFrame(frame), &auditor, &cursor) }
    auditor.beginStart(at: moment)
    Self.feed(SampleFrame(Self.lookup()).after(seconds: 59), &auditor, &cursor)
    #expect(auditor.summary(ConclusionRules()).failingLeaks == 0)
    Self.feed(SampleFrame(Self.lookup()).after(seconds: 61), &auditor, &cursor)
    #expect(auditor.summary(ConclusionRules()).failingLeaks == 1)
  }

  private static func feed(_ frame: SampleFrame, _ auditor: inout Auditor, _ cursor: inout SourceCursor) {
    var source = FrameList([frame])
    var observer = NoObserver()
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: 9, observer: &observer)
  }

  // MARK: Published ports

  private static let published = policy {
    $0.publishedPorts = [
      stated(PublishedPort(published: "8080", target: "80", transport: "tcp")),
      stated(PublishedPort(published: "[::]:6881", target: "6881", transport: "udp")),
    ]
  }

  @Test(arguments: [("172.18.0.2:80", 80), ("192.168.1.10:8080", 8080)])
  func `an answer from a published port to a public client is low, on both sides of NAT`(from: String, port: Int) {
    let client = "198.51.100.7:50000"
    let packets = [
      tcpPacket(client, from, flags: 0x02), tcpPacket(from, client, flags: 0x12),
      tcpPacket(from, client, filler(40), flags: 0x18),
    ]
    #expect(Self.findings(packets, Self.published, failing: 2) == ["low other 2"])
    // To a client of the LAN it is local already.
    let neighbour = [tcpPacket("192.168.1.7:50000", from, flags: 0x02), tcpPacket(from, "192.168.1.7:50000")]
    #expect(Self.findings(neighbour, Self.published, failing: 0) == [])
  }

  @Test func `a connection that the stack begins from its published port is still a leak`() {
    let peer = "198.51.100.7:50000"
    let packets = [
      udpPacket("172.18.0.2:6881", peer), udpPacket(peer, "172.18.0.2:6881"), udpPacket("172.18.0.2:6881", peer),
    ]
    #expect(Self.findings(packets, Self.published, failing: 2) == ["medium other 2"])
    #expect(Self.findings(Array(packets.dropFirst()), Self.published, failing: 1) == ["low other 1"])
  }

  @Test func `an answer from an unpublished port is still a leak`() {
    let client = "198.51.100.7:50000"
    let packets = [tcpPacket(client, "172.18.0.2:81", flags: 0x02), tcpPacket("172.18.0.2:81", client, flags: 0x12)]
    #expect(Self.findings(packets, Self.published, failing: 1) == ["medium other 1"])
  }

  // MARK: Connections older than the capture

  private static let server = "198.51.100.7:50000"

  @Test(arguments: [UInt8(0x10), 0x11, 0x14, 0x04])
  func `the end of an older connection is low`(flags: UInt8) {
    #expect(Self.findings([tcpPacket("172.18.0.2:4000", Self.server, flags: flags)], failing: 1) == ["low other 1"])
  }

  @Test func `content of an older connection counts in full, and so does a connection whose start was seen`() {
    let older = [
      tcpPacket("172.18.0.2:4000", Self.server, filler(9)), tcpPacket("172.18.0.2:4000", Self.server, flags: 0x10),
    ]
    #expect(Self.findings(older, failing: 2) == ["medium other 1", "low other 1"])
    let begun = [0x02, 0x10, 0x11].map { tcpPacket("172.18.0.2:4000", Self.server, flags: $0) }
    #expect(Self.findings(begun, failing: 3) == ["medium other 3"])
  }

  @Test func `a connection that continues is not the end of an older one`() {
    let packets = Array(repeating: tcpPacket("172.18.0.2:4000", Self.server, flags: 0x10), count: 20)
    #expect(Self.findings(packets, failing: 20) == ["low other 15", "medium other 5"].sorted { $0.count > $1.count })
  }

  @Test func `inner packets in clear stay critical, and endpoint-bypass stays what it is`() {
    let inner = tcpPacket("\(Sample.tunnelAddress):4000", Self.server, flags: 0x04)
    #expect(Self.findings([inner], failing: 1) == ["critical tunnel-address 1"])
    let bypass = tcpPacket("172.18.0.2:4000", "89.44.10.178:443", flags: 0x10)
    #expect(Self.findings([bypass], failing: 1) == ["medium endpoint-bypass 1"])
  }

  // MARK: Control traffic of the link

  @Test func `joining a routed group is informational, and its traffic is a leak`() {
    var report = ipv4(from: address("172.18.0.2"), to: address("224.0.1.60"), .igmp, [0x16, 0, 0, 0, 224, 0, 1, 60])
    #expect(Self.findings([report], failing: 1) == ["medium multicast 1"], "with a TTL that routers pass on")
    report[8] = 1
    #expect(Self.findings([report], failing: 0) == ["info multicast 1"])
    let traffic = udpPacket("172.18.0.2:4000", "224.0.1.60:427")
    #expect(Self.findings([report, traffic], failing: 1) == ["medium multicast 1", "info multicast 1"])
  }

  @Test func `neighbour discovery for the link's public address is informational, and nothing else passes for it`() {
    func solicitation(limit: UInt8 = 255, about target: String = "2001:db8:1::1", _ rest: [UInt8] = []) -> [UInt8] {
      let body = octets(address(target)) + [1, 1] + filler(6) + rest
      var packet = icmpPacket("2001:db8:1::2", "2001:db8:1::1", icmp(135, body))
      packet[7] = limit
      return packet
    }
    #expect(Self.findings([solicitation()], failing: 0) == ["info other 1"])
    #expect(Self.findings([solicitation(limit: 64)], failing: 1) == ["medium other 1"])
    #expect(Self.findings([solicitation(about: "2001:db8:1::7")], failing: 1) == ["medium other 1"])
    #expect(Self.findings([solicitation(filler(40))], failing: 1) == ["medium other 1"])
  }

  @Test func `link setup of a fresh container is local`() {
    let packets = [
      ipv4(from: address("172.18.0.2"), to: address("224.0.0.22"), .igmp, [0x22, 0, 0, 0, 0, 0, 0, 0]),
      icmpPacket("::", "ff02::16", icmp(143, filler(20))), icmpPacket("::", "ff02::1:ff00:2", icmp(135, filler(16))),
      icmpPacket("fe80::2", "ff02::2", icmp(133)), udpPacket("0.0.0.0:68", "255.255.255.255:67"),
      udpPacket("172.18.0.2:6771", "239.192.152.143:6771"), udpPacket("172.18.0.2:5353", "224.0.0.251:5353"),
    ]
    #expect(Self.findings(packets, failing: 0) == [])
  }

  // MARK: Other WireGuard

  @Test func `a served peer is tunnel on bridge and NIC, an unknown one is not`() {
    let serving = policy { $0.servedPorts = [stated(51821)] }
    for own in ["172.18.0.2", "192.168.1.10"] {
      let call = udpPacket("198.51.100.7:40000", "\(own):51821", WireGuardSample.initiation)
      let served = udpPacket("\(own):51821", "198.51.100.7:40000", WireGuardSample.response)
      #expect(audit([call, served].map { SampleFrame($0) }, serving) == ["ingress", "tunnel served"])
      // Behind a NAT that changed the port it is no longer known: fail closed.
      let translated = udpPacket("\(own):40001", "198.51.100.7:40000", WireGuardSample.response)
      #expect(verdict(translated, serving) == "leak other")
      let shapeless = udpPacket("\(own):51821", "198.51.100.7:40000", filler(90))
      #expect(verdict(shapeless, serving) == "leak other")
    }
  }
}
