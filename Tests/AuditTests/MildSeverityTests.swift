import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Mild severities carry no data (CONTRACT 3): a packet is exactly what it claims to be, or it is a normal leak.
@Suite struct MildSeverityTests {
  private static let named = policy {
    $0.endpoints = []
    $0.namedEndpoints = [stated(NamedEndpoint(name: "vpn.example", port: 51820))]
    // What the shipped rules say about the headers of one packet.
    $0.labelRules = LabelRules([
      rule("icmp.error", .icmp, "icmp[0] = 3 or (ip6[6] = 58 and ip6[40] < 128)"),
      rule(
        "tcp.teardown", .other, "(tcp[13] & 5 != 0) and ip[2:2] - ((ip[0] & 15) << 2) - ((tcp[12] & 0xf0) >> 2) = 0"),
    ])
  }

  private static func rule(_ id: String, _ label: LeakReason, _ filter: String) -> LabelRule {
    guard let compiled = allow(filter).filter else { fatalError("no filter: \(filter)") }
    return LabelRule(
      id: id, label: label, severity: .low, title: id, why: "", reference: "", filter: compiled, origin: "test")
  }

  /// `severity frames` of each finding, worst first.
  private static func severities(_ frames: [SampleFrame], _ policy: TunnelPolicy = named) -> [String] {
    var list: [String] = []
    _ = audit(frames, policy) {
      list = $0.summary(ConclusionRules()).findings.map { "\($0.severity) \($0.count.frames)" }
    }
    return list
  }

  private static func severities(_ packets: [UInt8]...) -> [String] { severities(packets.map { SampleFrame($0) }) }

  // MARK: The Endpoint's lookup

  private static func query(
    flags: UInt16 = 0x0100, name: String = "vpn.example", additional: UInt16 = 0, behind: [UInt8] = []
  ) -> [UInt8] {
    bigEndian(UInt16(7)) + bigEndian(flags) + [0, 1, 0, 0, 0, 0] + bigEndian(additional) + dnsQuestion(dnsName(name))
      + behind
  }

  private static func opt(_ options: [UInt8] = [], flags: UInt32 = 0) -> [UInt8] {
    [0, 0, 41] + bigEndian(UInt16(1232)) + bigEndian(flags) + bigEndian(UInt16(options.count)) + options
  }

  private static func lookup(
    _ message: [UInt8] = query(), from: String = "172.18.0.2:4000", to: String = "198.51.100.53:53"
  ) -> [UInt8] { udpPacket(from, to, message) }

  @Test(arguments: [
    query(), query(flags: 0x0120), query(flags: 0x0130), query(name: "vPn.eXaMpLe"),
    query(additional: 1, behind: opt()), query(additional: 1, behind: opt(flags: 0x8000)),
  ])
  func `a stub resolver's lookup of the Endpoint's name is informational`(message: [UInt8]) {
    #expect(Self.severities(Self.lookup(message)) == ["info 1"])
    #expect(
      Self.severities(Self.lookup(message, from: "[fd00:18::2]:4000", to: "[2001:db8:53::53]:53")) == ["info 1"])
  }

  @Test(arguments: [
    // Behind the question, with and without a record around it.
    query(behind: filler(1350)), query(behind: [0]), query(additional: 1, behind: opt() + [0]),
    query(additional: 1, behind: dnsRecord([0], type: 16, filler(90))), query(additional: 1),
    // Client cookie, padding, client subnet, and an unknown option.
    query(additional: 1, behind: opt([0, 10, 0, 8] + filler(8))),
    query(additional: 1, behind: opt([0, 12, 0, 9] + filler(9))),
    query(additional: 1, behind: opt([0, 8, 0, 7, 0, 1, 24, 0, 1, 2, 3])),
    query(additional: 1, behind: opt([0xFD, 0xE9, 0, 0])),
    query(additional: 1, behind: opt(flags: 0x0001)), query(additional: 1, behind: opt(flags: 0x0100_0000)),
    query(additional: 2, behind: opt() + opt()),
    // Another operation, a truncated query, a response code.
    query(flags: 0x2900), query(flags: 0x0300), query(flags: 0x0105), query(flags: 0x0140),
    query(name: "\(String(repeating: "a", count: 60)).vpn.example"),
  ])
  func `a lookup that carries more is still a leak`(message: [UInt8]) {
    #expect(Self.severities(Self.lookup(message)) == ["high 1"])
  }

  @Test func `a lookup with extra bytes around it is still a leak`() {
    let whole = Self.lookup()
    let (source, destination) = (address("172.18.0.2"), address("198.51.100.53"))
    let datagram = udp(4000, 53, Self.query())
    for packet in [
      ipv4(from: source, to: destination, .udp, datagram, options: [0x88, 4] + filler(6)),
      // UDP's length ends before IP's.
      ipv4(from: source, to: destination, .udp, datagram + filler(400)),
      ipv4(from: source, to: destination, .udp, datagram, fragment: Fragmentation(offset: 0, more: true)),
      // Behind the packet's own end.
      whole + filler(300), whole + [0, 1],
      ipv6(
        from: address("fd00:18::2"), to: address("2001:db8:53::53"), .destinationOptions,
        extensionHeader(.udp, length: 64) + datagram),
      Self.lookup(to: "233.252.0.1:53"),
    ] { #expect(Self.severities(packet) == ["high 1"]) }
    #expect(Self.severities([SampleFrame(whole, originalLength: whole.count + 9)]) == ["high 1"])
  }

  @Test func `padding is as long as Ethernet needs, and zero`() {
    let report = Self.igmp("224.0.1.60")
    let short = 46 - report.count
    func padded(_ bytes: [UInt8]) -> [String] { Self.severities([SampleFrame(ethernet(report + bytes), .ethernet)]) }
    #expect(padded([]) == ["info 1"])
    #expect(padded(filler(short, 0)) == ["info 1"])
    #expect(padded(filler(short + 1, 0)) == ["medium 1"])
    #expect(padded(filler(short - 1, 0) + [1]) == ["medium 1"])
  }

  @Test func `a sender's lookup budget renews with time, not with container starts`() {
    func run(_ times: [Double], starting: Bool) -> [String] {
      var auditor = Auditor(Self.named, seed: 1)
      var cursor = SourceCursor()
      cursor.interfaces = [auditor.attach(InterfaceTally(name: "if0", linkType: .raw, role: nil))]
      var observer = NoObserver()
      for time in times {
        let frame = SampleFrame(Self.lookup()).after(seconds: time)
        if starting { auditor.beginStart(at: frame.time) }
        var source = FrameList([frame])
        _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: 9, observer: &observer)
      }
      return auditor.summary(ConclusionRules()).findings.map { "\($0.severity) \($0.count.frames)" }
    }
    #expect(run((0..<20).map { Double($0) / 100 }, starting: true) == ["high 12", "info 8"])
    // A clock that runs backwards does not help either.
    #expect(run((0..<20).map { $0 % 2 == 0 ? 0 : 50 }, starting: true).last == "info 9")
    #expect(run((0..<8).map { Double($0) / 100 } + [60, 61, 62], starting: false) == ["info 11"])
  }

  @Test func `a sender may ask few resolvers, and each sender has its own budget`() {
    let resolvers = (1...6).map { Self.lookup(to: "198.51.100.\($0):53") }
    #expect(
      Self.severities(resolvers.map { SampleFrame($0) }).sorted() == [
        "high 1", "high 1", "info 1", "info 1", "info 1", "info 1",
      ])
    let slow = resolvers.enumerated().map { SampleFrame($1).after(seconds: Double($0) * 100) }
    #expect(Self.severities(slow).filter { $0 == "high 1" }.count == 2)
    let later = resolvers.enumerated().map { SampleFrame($1).after(seconds: Double($0) * 1000) }
    #expect(Self.severities(later).filter { $0 == "high 1" } == [])
    let two = (0..<16).map { Self.lookup(from: "172.18.0.\(2 + $0 % 2):4000") }
    #expect(Self.severities(two.map { SampleFrame($0) }) == ["info 16"])
  }

  @Test func `invented senders do not each get a budget`() {
    let frames = (0..<4000).map { SampleFrame(Self.lookup(from: "10.0.\($0 / 250).\($0 % 250 + 1):4000")) }
    var told = 0
    _ = audit(frames, Self.named) {
      told = $0.summary(ConclusionRules()).findings.reduce(0) { $0 + ($1.severity == .info ? $1.count.frames : 0) }
    }
    #expect(told < 300)
  }

  // MARK: The link's own

  private static func igmp(
    _ group: String, to destination: String? = nil, type: UInt8 = 0x16, options: [UInt8] = [0x94, 4, 0, 0],
    more: [UInt8] = []
  ) -> [UInt8] {
    var packet = ipv4(
      from: address("172.18.0.2"), to: address(destination ?? group), .igmp,
      [type, 0, 0, 0] + octets(address(group)) + more, options: options)
    packet[8] = 1
    return packet
  }

  private static func mld(
    _ type: UInt8 = 131, _ group: String = "ff0e::1", header: [UInt8] = [58, 0, 5, 2, 0, 0, 1, 0], label: UInt8 = 0,
    more: [UInt8] = []
  ) -> [UInt8] {
    var packet = ipv6(
      from: address("fe80::2"), to: address("ff0e::1"), IPProtocol(rawValue: 0),
      header + [type, 0, 0, 0, 0, 0, 0, 0] + octets(address(group)) + more)
    packet[3] = label
    packet[7] = 1
    return packet
  }

  @Test func `a membership report may hold only its group`() {
    for packet in [
      Self.igmp("224.0.1.60"), Self.igmp("224.0.1.60", options: []), Self.igmp("224.0.1.60", type: 0x12),
      Self.igmp("224.0.1.60", type: 0x11), Self.igmp("224.0.1.60", type: 0x11, more: [0, 125, 0, 0]),
      Self.mld(), Self.mld(130, more: [2, 125, 0, 0]), Self.mld(header: [58, 0, 1, 0, 5, 2, 0, 0]),
    ] { #expect(Self.severities(packet) == ["info 1"]) }
    for packet in [
      Self.igmp("224.0.1.60", more: filler(900)), Self.igmp("224.0.1.60", more: [0]),
      Self.igmp("224.0.1.61", to: "224.0.1.60"), Self.igmp("224.0.1.60", type: 0x22),
      Self.igmp("224.0.1.60", type: 0x40), Self.igmp("224.0.1.60", options: [0x94, 4, 1, 2]),
      Self.igmp("224.0.1.60", options: [0x94, 4, 0, 0, 0x88, 4, 7, 7]), Self.mld(more: filler(500)),
      Self.igmp("224.0.1.60", type: 0x11, more: [0, 125, 0, 1, 1, 2, 3, 4]),
      Self.mld(143), Self.mld(131, "ff0e::2"), Self.mld(header: [58, 0, 5, 2, 0, 7, 1, 0]), Self.mld(label: 7),
      Self.mld(header: [58, 1, 5, 2, 0, 0, 1, 8] + filler(8)),
    ] { #expect(Self.severities(packet) == ["medium 1"], "\(packet)") }
  }

  private static func neighbour(
    _ type: UInt8, from: String = "2001:db8:1::2", to: String = "2001:db8:1::1", target: String? = nil,
    code: UInt8 = 0, rest: UInt32 = 0, _ options: [UInt8] = [], label: UInt8 = 0
  ) -> [UInt8] {
    let target = target ?? (type == 136 ? from : to)
    var packet = icmpPacket(from, to, icmp(type, code: code, rest: rest, octets(address(target)) + options))
    packet[7] = 255
    packet[3] = label
    return packet
  }

  private static let mac: [UInt8] = [2, 0, 0, 0, 0, 1]
  private static let nonce: [UInt8] = [14, 1] + filler(6)

  @Test func `plain neighbour discovery is informational`() {
    let told: [[UInt8]] = [
      Self.neighbour(135), Self.neighbour(135, [1, 1] + Self.mac), Self.neighbour(135, [1, 1] + Self.mac + Self.nonce),
      Self.neighbour(136, rest: 0x6000_0000, [2, 1] + Self.mac), Self.neighbour(136, rest: 0x2000_0000),
      Self.neighbour(135, from: "fe80::2"),
    ]
    for packet in told {
      #expect(Self.severities([SampleFrame(ethernet(packet, .ipv6), .ethernet)]) == ["info 1"])
    }
    let leaks: [[UInt8]] = [
      Self.neighbour(135, [1, 1] + filler(6)), Self.neighbour(135, [1, 2] + Self.mac + filler(8)),
      Self.neighbour(135, Self.nonce + Self.nonce), Self.neighbour(135, [2, 1] + Self.mac),
      Self.neighbour(135, [3, 1] + filler(6)), Self.neighbour(135, filler(3)), Self.neighbour(135, code: 1),
      Self.neighbour(135, rest: 7), Self.neighbour(135, target: "2001:db8:1::7"), Self.neighbour(135, label: 1),
      Self.neighbour(135, from: "::"), Self.neighbour(136, to: "2001:db8:2::1"), Self.neighbour(136, rest: 1),
      Self.neighbour(136, Self.nonce), Self.neighbour(136, target: "2001:db8:1::1"),
      Self.neighbour(136, [2, 1] + Self.mac + filler(1200)), Self.neighbour(133), Self.neighbour(137),
      Self.neighbour(134, [5, 1] + filler(6)), Self.neighbour(134, [25, 40] + filler(318)),
    ]
    for packet in leaks {
      #expect(Self.severities([SampleFrame(ethernet(packet, .ipv6), .ethernet)]) == ["medium 1"], "\(packet)")
    }
  }

  @Test func `a flood of neighbour discovery is a leak, the same over an hour is not`() {
    let packet = Self.neighbour(135, [1, 1] + filler(6))
    let flood = (0..<200).map { SampleFrame(packet).after(seconds: Double($0) / 200) }
    #expect(Self.severities(flood) == ["medium 170", "info 30"])
    let hour = (0..<200).map { SampleFrame(packet).after(seconds: Double($0) * 18) }
    #expect(Self.severities(hour) == ["info 200"])
  }

  @Test func `many invented senders share the budget of one network`() {
    var flood: [SampleFrame] = []
    for sender in 0..<100 {
      for count in 0..<29 {
        let packet = Self.neighbour(135, from: "2001:db8:1::\(sender + 2)", to: "2001:db8:1::\(sender + 2):\(count)")
        flood.append(SampleFrame(packet).after(seconds: Double(sender) / 100))
      }
    }
    let told = Self.severities(flood).filter { $0.hasPrefix("info") }.reduce(0) {
      $0 + (Int($1.split(separator: " ")[1]) ?? 0)
    }
    #expect((480...500).contains(told), "\(told)")
  }

  // MARK: What is low

  private static func reset(_ options: [UInt8] = [], flags: UInt8 = 0x04, port: UInt16 = 4000) -> [UInt8] {
    let segment = tcp(port, 50000, flags: flags, dataOffset: 20 + options.count)
    return ipv4(from: address("172.18.0.2"), to: address("198.51.100.7"), .tcp, Array(segment.prefix(20)) + options)
  }

  private static func error(_ quote: [UInt8], type: UInt8 = 3) -> [UInt8] {
    icmpPacket("172.18.0.2", "198.51.100.7", icmp(type, code: 3, quote))
  }

  @Test func `empty segments and ICMP errors are low if nothing else is sent`() {
    let timestamps: [UInt8] = [1, 1, 8, 10] + filler(8)
    for packet in [
      Self.reset(), Self.reset(timestamps), Self.reset(timestamps + [1, 1, 5, 10] + filler(8)),
      Self.reset([0, 0, 0, 0]),
      Self.error(udpPacket("198.51.100.7:53", "172.18.0.2:4000", filler(8))),
      Self.error(tcpPacket("198.51.100.7:443", "172.18.0.2:4000", flags: 0x12)),
      Self.error(Array(udpPacket("198.51.100.7:53", "172.18.0.2:4000", filler(400)).prefix(28))),
    ] { #expect(Self.severities(packet) == ["low 1"]) }
    for packet in [
      Self.reset([254, 40] + filler(38)), Self.reset([0] + filler(39)), Self.reset([8, 40] + filler(38)),
      Self.reset(flags: 0x06) + filler(40), Self.reset([2, 4] + filler(2), flags: 0x06),
      Self.reset() + filler(40),
      ipv4(
        from: address("172.18.0.2"), to: address("198.51.100.7"), .tcp, tcp(4000, 50000, flags: 4), options: filler(40)),
      ipv4(
        from: address("172.18.0.2"), to: address("198.51.100.7"), .tcp, tcp(4000, 50000, flags: 4),
        fragment: Fragmentation(offset: 0, more: true)),
      Self.error(udpPacket("198.51.100.7:53", "172.18.0.2:4000", filler(500))), Self.error(filler(500)), Self.error([]),
      Self.error(udpPacket("198.51.100.9:53", "172.18.0.2:4000", filler(8))),
      Self.error(Array(udpPacket("198.51.100.7:53", "172.18.0.2:4000", filler(8))) + filler(500)),
      icmpPacket("fd00:18::2", "2001:db8:80::80", icmp(100, filler(1200))),
    ] { #expect(Self.severities(packet) == ["medium 1"], "\(packet)") }
  }

  private static func toEndpoint(_ packets: [UInt8]...) -> [String] {
    severities(packets.map { SampleFrame($0) }, policy())
  }

  private static func endpointError(_ quote: [UInt8]) -> [UInt8] {
    icmpPacket("172.18.0.2", "89.44.10.178", icmp(3, code: 3, quote))
  }

  @Test func `an ICMP error about a tunnel message that the Endpoint sent is low, and nothing else to it is`() {
    let endpoint = "89.44.10.178:51820"
    let data = udpPacket(endpoint, "172.18.0.2:40000", WireGuardSample.data + filler(1000))
    for quote in [
      udpPacket(endpoint, "172.18.0.2:40000", WireGuardSample.initiation), Array(data.prefix(548)),
      Array(data.prefix(32)),
    ] { #expect(Self.toEndpoint(Self.endpointError(quote)) == ["low 1"]) }
    for quote in [
      Array(data.prefix(31)), Array(data.prefix(549)), udpPacket(endpoint, "172.18.0.2:40000", filler(100)),
      udpPacket("203.0.113.9:51820", "172.18.0.2:40000", WireGuardSample.data),
      udpPacket(endpoint, "172.18.0.3:40000", WireGuardSample.data),
      tcpPacket(endpoint, "172.18.0.2:40000"),
      udpPacket(endpoint, "172.18.0.2:40000", WireGuardSample.initiation) + filler(100), filler(100), [],
    ] { #expect(Self.toEndpoint(Self.endpointError(quote)) == ["medium 1"], "\(quote)") }
    #expect(Self.toEndpoint(icmpPacket("172.18.0.2", "89.44.10.178", icmpEcho(8, identifier: 1))) == ["medium 1"])
    let flood = Array(repeating: SampleFrame(Self.endpointError(Array(data.prefix(100)))), count: 400)
    #expect(Self.severities(flood, policy()) == ["medium 100", "low 300"])
  }

  @Test func `too many older connections do not count as ended`() {
    let frames = (0..<1000).map { SampleFrame(Self.reset(port: UInt16(4000 + $0))) }
    #expect(Self.severities(frames) == ["medium 700", "low 300"])
  }
}
