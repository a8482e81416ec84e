import TestSupport
import Wire

/// Packets between addresses that the policy knows, with headers that are complete, fragmented, cut
/// or wrapped, over every link type.
enum RandomTraffic {
  static let policies: [(OracleClassifier.Policy, [String])] = {
    var plain = OracleTests.formats
    plain.resolvers = [OracleAddress("198.51.100.54")!]
    let options = ["--wg-config", "captures/formats/wg0.conf", "--resolver", "198.51.100.54"]
    var strict = plain
    strict.strictLocal = true
    strict.local = ["172.18.0.0/16", "198.51.100.64/26", "2001:db8:5::/48"]
    var audited = plain
    audited.audited = ["172.18.0.2/32", "192.0.2.10/32", "fd00:18::2/128"]
    var only = audited
    only.auditedOnly = true
    let auditedOptions = options + audited.audited.flatMap { ["--audited", $0] }
    return [
      (plain, options), (strict, options + ["--strict-local"] + strict.local.flatMap { ["--local", $0] }),
      (audited, auditedOptions), (only, auditedOptions + ["--audited-only"]),
    ]
  }()

  private static let addresses4 = [
    "172.18.0.2", "192.0.2.10", "10.64.114.74", "203.0.113.178", "198.51.100.53", "198.51.100.54", "198.51.100.80",
    "10.64.0.1", "10.1.2.3", "192.168.1.1", "169.254.7.7", "127.0.0.1", "100.64.0.1", "224.0.0.251", "233.252.0.1",
    "239.255.255.250", "255.255.255.255", "0.0.0.0", "172.32.0.1", "172.31.255.255",
  ]
  private static let addresses6 = [
    "fd00:18::2", "2001:db8:10::10", "fc00:bbbb:bbbb:bb01::1:7249", "2001:db8:178::1", "2001:db8:53::53",
    "2001:db8:5::5", "fe80::7", "::1", "::", "ff02::fb", "ff05::2", "ff08::8", "ff0e::1", "ff1e::1", "ff12::1",
    "fec0::1", "::ffff:192.168.1.1",
  ]
  private static let linkTypes: [LinkType] = [.ethernet, .linuxCooked, .linuxCooked2, .raw, .null, .ppp]
  private static let ports: [UInt16] = [53, 853, 51820, 5353, 137, 123, 443, 40000, 40001]

  static func capture(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    var file = PcapngFile()
    file.section(bigEndian: .random(using: &random))
    for (index, type) in linkTypes.enumerated() { file.interface(type, name: "if\(index)") }
    var earlier: [[UInt8]] = [udpPacket("192.0.2.10:40000", "198.51.100.80:443")]
    for index in 0..<count {
      let interface = Int.random(in: linkTypes.indices, using: &random)
      let isIPv4 = Bool.random(using: &random)
      let packet = packet(isIPv4: isIPv4, earlier, &random)
      earlier.append(packet)
      if earlier.count > 64 { earlier.removeFirst() }
      let bytes = wrap(packet, isIPv4: isIPv4, linkTypes[interface], &random)
      var frame = SampleFrame(bytes, originalLength: bytes.count, time: StandardMix.time(index), interface: interface)
      if Int.random(in: 0..<8, using: &random) == 0 {
        frame.bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
        // If a frame is cut between LLC and the IP header's end, tshark's fields do not show the cut.
        if isSNAP(bytes), 14..<66 ~= frame.bytes.count { frame.bytes = Array(bytes.prefix(66)) }
      }
      file.enhanced(frame)
    }
    return file.bytes
  }

  private static func isSNAP(_ ethernet: [UInt8]) -> Bool {
    ethernet.count > 22 && (ethernet[12] < 6 || ethernet[12...13] == [0x88, 0x70])
  }

  private static func packet(isIPv4: Bool, _ earlier: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
    let addresses = isIPv4 ? addresses4 : addresses6
    // Sources that a host can have more often than those that it cannot.
    let few = Bool.random(using: &random) ? addresses.prefix(4) : addresses[...]
    let source = address(few.randomElement(using: &random)!)
    let destination = address(addresses.randomElement(using: &random)!)
    let (number, payload) = upper(isIPv4: isIPv4, earlier, &random)
    if Int.random(in: 0..<6, using: &random) == 0 {
      let offset = Bool.random(using: &random) ? 0 : 8 * Int.random(in: 1...200, using: &random)
      let fragment = Fragmentation(
        offset: offset, more: offset == 0 || .random(using: &random),
        identification: UInt32.random(in: 0..<8, using: &random))
      return ip(from: source, to: destination, number, payload, fragment: fragment)
    }
    guard !isIPv4, Int.random(in: 0..<4, using: &random) == 0 else {
      return ip(from: source, to: destination, number, payload)
    }
    let chain = extensionHeader(.destinationOptions) + extensionHeader(number, length: 16)
    return ipv6(from: source, to: destination, .hopByHop, chain + payload)
  }

  private static func upper(
    isIPv4: Bool, _ earlier: [[UInt8]], _ random: inout SeededGenerator
  ) -> (IPProtocol, [UInt8]) {
    let source = ports.randomElement(using: &random)!
    let destination = ports.randomElement(using: &random)!
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<5: return (.udp, udp(source, destination, payload(&random)))
    case 5..<8: return (.tcp, tcp(source, destination, payload(&random), flags: 0x18))
    case 8:
      let isRequest = Bool.random(using: &random)
      let type: UInt8 = isIPv4 ? (isRequest ? 8 : 0) : (isRequest ? 128 : 129)
      return (isIPv4 ? .icmp : .icmpv6, icmpEcho(type, identifier: UInt16.random(in: 1...3, using: &random)))
    case 9:
      let quoted = earlier.filter { $0[0] >> 4 == (isIPv4 ? 4 : 6) }.randomElement(using: &random) ?? filler(40, 0)
      return (isIPv4 ? .icmp : .icmpv6, icmp(isIPv4 ? 3 : 1, Array(quoted.prefix(200))))
    case 10: return (.esp, filler(40))
    default: return (IPProtocol(rawValue: 200), filler(40))
    }
  }

  private static func payload(_ random: inout SeededGenerator) -> [UInt8] {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: WireGuardSample.initiation
    case 1: WireGuardSample.response
    case 2: WireGuardSample.cookie
    case 3: WireGuardSample.keepalive
    case 4: WireGuardSample.data
    case 5: wireGuard(UInt8.random(in: 0...5, using: &random), length: Int.random(in: 0...160, using: &random))
    case 6: dnsQuery(["example.org", "am.i.mullvad.example", "x.test"].randomElement(using: &random)!)
    default: filler(Int.random(in: 0...64, using: &random))
    }
  }

  private static func wrap(
    _ packet: [UInt8], isIPv4: Bool, _ linkType: LinkType, _ random: inout SeededGenerator
  ) -> [UInt8] {
    let type: EtherType = isIPv4 ? .ipv4 : .ipv6
    // Nothing is learned from a station whose address is zero: addresses and flows decide.
    let nobody = MACAddress(0)
    switch linkType {
    case .ethernet:
      let padded = packet + filler(Int.random(in: 0...8, using: &random), 0)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: return ethernet(vlan(7, type, padded), .vlan, from: nobody)
      case 4:
        // Padding lies behind the length; a long packet has jumbo LLC.
        let llc = snap(packet, type, oui: [0, 0, Bool.random(using: &random) ? 0 : 0xF8])
        return llc.count > 1500
          ? ethernet(llc, .jumboLLC, from: nobody) : ieee8023(llc, from: nobody) + padded.dropFirst(packet.count)
      case 5: return ethernet(snap(vlan(7, type, packet), .vlan), .jumboLLC, from: nobody)
      case 1: return ethernet(vlan(100, .vlan, vlan(7, type, padded)), .serviceVLAN, from: nobody)
      case 2: return ethernet(pppoe(ppp(packet, isIPv4 ? 0x0021 : 0x0057)), .pppoeSession, from: nobody)
      case 3: return ethernet(FormatCapture.arpRequest, .arp)
      default: return ethernet(padded, type, from: nobody)
      }
    case .linuxCooked: return cooked(packet, type, packetType: .random(in: 0...4, using: &random), from: nobody)
    case .linuxCooked2: return cooked2(packet, type, packetType: .random(in: 0...4, using: &random), from: nobody)
    case .null: return littleEndian(UInt32(isIPv4 ? 2 : 30)) + packet
    case .ppp: return hdlc(ppp(packet, isIPv4 ? 0x0021 : 0x0057))
    default: return packet
    }
  }
}
