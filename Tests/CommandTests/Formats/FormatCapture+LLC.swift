import TestSupport
import Wire

/// LLC in all its forms, and the tags that libpcap once put in the wrong place.
extension FormatCapture {
  private static let query = udpPacket("172.18.0.2:40053", "198.51.100.53:53", dnsQuery("example.org"))

  private static func capture(
    _ name: String, _ frames: [(verdict: String, bytes: [UInt8])], unlikeTshark: String? = nil
  ) -> Self {
    let samples = frames.enumerated().map { SampleFrame($1.bytes, .ethernet, time: StandardMix.time($0)) }
    let leaks = Dictionary(grouping: frames.map(\.verdict).filter { $0 != "local" }) { $0 }.mapValues(\.count)
    return Self(
      name, .ethernet, samples,
      Expectation(
        frames: frames.count, tunnel: 0, local: frames.count { $0.verdict == "local" },
        leak: leaks.values.reduce(0, +), status: leaks.isEmpty ? 3 : 1, leaks: leaks),
      unlikeTshark: unlikeTshark)
  }

  private static func frame(_ payload: [UInt8], _ type: Int) -> [UInt8] {
    StandardMix.ethernetFrame(payload, EtherType(rawValue: UInt16(type)), 0)
  }

  private static func sized(_ llc: [UInt8]) -> [UInt8] { frame(llc, llc.count) }

  static let llc: [Self] = [
    capture(
      "ethernet-llc",
      [
        // Spanning tree, CDP, PVST+, AppleTalk's address resolution, IS-IS, IS-IS too long for a length.
        ("local", sized([0x42, 0x42, 0x03] + filler(35, 0))),
        ("local", sized(snap(filler(30, 0), EtherType(rawValue: 0x2000), oui: [0, 0, 0x0C]))),
        ("local", sized(snap(filler(50, 0), EtherType(rawValue: 0x010B), oui: [0, 0, 0x0C]))),
        ("local", sized(snap(filler(28, 0), EtherType(rawValue: 0x80F3)))),
        ("local", sized([0xFE, 0xFE, 0x03, 0x83] + filler(30, 0))),
        ("local", frame([0xFE, 0xFE, 0x03, 0x83] + filler(1600, 0), 0x8870)),
        ("dns", sized(snap(query))), ("dns", sized(snap(vlan(7, .ipv4, query), .vlan))),
        ("dns", frame(snap(query), 0x8870)), ("dns", sized(snap(query, oui: [0, 0, 0xF8]))),
      ]),
    capture(
      "ethernet-llc-hidden",
      [
        // No room for LLC, or for SNAP.
        ("undecodable", frame(query, 0)), ("undecodable", frame(query, 1)), ("undecodable", frame(query, 2)),
        ("undecodable", frame(snap(query), 7)), ("undecodable", frame(snap(query), 1501)),
        // PPP, transparent Ethernet bridging, bridged Ethernet, and Cisco's OUI with an EtherType.
        ("undecodable", sized(snap(ppp(query), EtherType(rawValue: 0x880B)))),
        ("undecodable", sized(snap(frame(query, 0x0800), EtherType(rawValue: 0x6558)))),
        ("undecodable", sized(snap([0, 0] + frame(query, 0x0800), EtherType(rawValue: 7), oui: [0, 0x80, 0xC2]))),
        ("undecodable", sized(snap(query, oui: [0, 0, 0x0C]))),
        // The packet is where the length leaves padding.
        ("undecodable", frame(snap(query), 8)),
        ("local", frame([0x42, 0x42, 0x03] + query, 3)),
        // IP without SNAP: SAP 06, and ISO's SAP.
        ("dns", sized([0x06, 0x06, 0x03] + query)), ("dns", sized([0xFE, 0xFE, 0x03, 0xCC] + query)),
      ], unlikeTshark: "its fields do not tell LLC that stays on the link from LLC that leads to IP"),
    Self(
      "cooked-1-displaced-tag", .linuxCooked,
      StandardMix.frames(.linuxCooked) { packet, index in
        let frame = cooked(
          packet, packetType: StandardMix.isOutgoing(index) ? 4 : 0, from: StandardMix.source(index))
        // VLANs 1 and 4 read as LLC, 2054 as ARP.
        return frame[..<12] + [0x81, 0x00] + bigEndian([1, 4, 0x0806, 100][index % 4] as UInt16) + [0, 0] + frame[14...]
      }, unlikeTshark: "it reads the VLAN's number as the protocol"),
  ]

  /// Queries over TCP, length and message in a segment each, of which one message was not captured (dnscap).
  static let streams: [Self] = [
    Self(
      "stream-dns-hole", .ethernet,
      holes.enumerated().map { index, packet in
        SampleFrame(StandardMix.ethernetFrame(packet, .ipv4, 0), .ethernet, time: StandardMix.time(index))
      }, Expectation(frames: holes.count, tunnel: 0, local: 0, leak: holes.count, leaks: ["dns": holes.count]))
  ]

  private static let holes: [[UInt8]] = {
    var sequence: UInt32 = 1
    func segment(_ payload: [UInt8], flags: UInt8 = 0x18) -> [UInt8] {
      defer { sequence += UInt32(payload.count) }
      return tcpPacket("172.18.0.2:40054", "198.51.100.53:53", payload, flags: flags, sequence: sequence)
    }
    var packets = [tcpPacket("172.18.0.2:40054", "198.51.100.53:53", flags: 0x02, sequence: 0)]
    for index in 0..<6 {
      let message = dnsQuery("q\(index).example.org")
      packets.append(segment(bigEndian(UInt16(message.count))))
      let second = segment(message)
      if index != 1 { packets.append(second) }
    }
    return packets
  }()
}
