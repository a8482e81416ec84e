import TestSupport
import Wire

/// Headers, ICMP and groups.
extension RuleCapture {
  private static let stack4 = Family.ipv4.stack
  private static let stack6 = Family.ipv6.stack
  private static let server4 = Family.ipv4.server
  private static let server6 = Family.ipv6.server

  /// A datagram that came to the container, as an ICMP error quotes it.
  private static func quoted(_ family: Family, to destination: String) -> [UInt8] {
    udpPacket(family.endpoint(family.server, 53), family.endpoint(destination, 40_000), filler(8))
  }

  /// IGMP (RFC 2236 section 2, RFC 3376 section 4) with its checksum, to a group.
  private static func igmp(_ message: [UInt8], to group: String) -> Packet {
    var message = message
    message.replaceSubrange(2..<4, with: bigEndian(internetChecksum(message)))
    let bytes = message
    return ipv4 { TestSupport.ipv4(from: address(stack4), to: address(group), IPProtocol(rawValue: 2), bytes) }
  }

  /// Multicast listener discovery, behind a hop-by-hop header with a router alert (RFC 2710 section 3).
  private static func mld(_ message: [UInt8], to group: String) -> Packet {
    ipv6 {
      let source = address("fe80::2")
      var message = message
      message.replaceSubrange(2..<4, with: bigEndian(transportChecksum(message, .icmpv6, source, address(group))))
      return TestSupport.ipv6(
        from: source, to: address(group), .hopByHop, [58, 0, 5, 2, 0, 0, 1, 0] + message)
    }
  }

  /// Neighbour discovery, with a hop limit.
  private static func neighbor(
    _ message: [UInt8], to destination: String, from source: String = stack6, hopLimit: UInt8 = 255
  ) -> Packet {
    ipv6 {
      var packet = icmpPacket(source, destination, message)
      packet[7] = hopLimit
      return packet
    }
  }

  private static let solicitation: [UInt8] =
    [135, 0, 0, 0, 0, 0, 0, 0] + octets(address(server6)) + [1, 1] + octets(StandardMix.stackMAC)

  static let control: [Self] = [
    Self(
      "multicast.membership",
      yes: [
        igmp([0x16, 0, 0, 0] + octets(address("233.252.0.1")), to: "233.252.0.1"),
        mld([131, 0, 0, 0, 0, 0, 0, 0] + octets(address("ff0e::1")), to: "ff0e::1"),
      ],
      no: [
        // What every fresh container sends: IGMPv3 and MLDv2 reports, to groups of the link.
        igmp([0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0] + octets(address("224.0.0.251")), to: "224.0.0.22"),
        mld([143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0] + octets(address("ff02::fb")), to: "ff02::16"),
        datagram(to: "233.252.0.1", "ff0e::1", 5000, filler(8)),
      ]),
    Self(
      "multicast.routed", yes: [datagram(to: "233.252.0.1", "ff0e::1", 5000, filler(8))],
      no: [
        datagram(to: "239.192.0.1", "ff08::1", 5000, filler(8)),
        datagram(to: "223.255.255.254", "2001:db8::ff0e", 5000, filler(8)),
      ]),
    Self(
      "icmp.neighbor",
      yes: [
        neighbor(solicitation, to: server6),
        neighbor([136, 0, 0, 0, 0x40, 0, 0, 0] + octets(address(stack6)), to: server6),
      ],
      no: [
        // Duplicate address detection and the search for routers, to groups of the link; and one sent from afar.
        neighbor(
          [135, 0, 0, 0, 0, 0, 0, 0] + octets(address(stack6)), to: "ff02::1:ff00:2", from: "::"),
        neighbor([133, 0, 0, 0, 0, 0, 0, 0], to: "ff02::2", from: "fe80::2"),
        neighbor(solicitation, to: server6, hopLimit: 64), neighbor(icmpEcho(128, identifier: 1), to: server6),
      ]),
    Self(
      "icmp.quotes-inner",
      yes: [
        {
          icmpPacket(
            $0.stack, $0.server,
            icmp(
              $0 == .ipv4 ? 3 : 1, code: 3, quoted($0, to: $0 == .ipv4 ? "10.64.114.74" : "fc00:bbbb:bbbb:bb01::1:7249")
            ))
        }
      ],
      no: [{ icmpPacket($0.stack, $0.server, icmp($0 == .ipv4 ? 3 : 1, code: 3, quoted($0, to: $0.stack))) }]),
    Self(
      "icmp.error",
      yes: [
        { icmpPacket($0.stack, $0.server, icmp($0 == .ipv4 ? 3 : 1, code: 3, quoted($0, to: $0.stack))) },
        { icmpPacket($0.stack, $0.server, icmp($0 == .ipv4 ? 11 : 3, code: 0, quoted($0, to: $0.stack))) },
      ],
      no: [message(icmpEcho(8, identifier: 7), icmpEcho(128, identifier: 7))]),
    Self(
      "icmp.query",
      yes: [message(icmpEcho(8, identifier: 7), icmpEcho(128, identifier: 7))],
      no: [
        message(icmp(3, code: 3, quoted(.ipv4, to: stack4)), icmp(1, code: 4, quoted(.ipv6, to: stack6))),
        igmp([0x16, 0, 0, 0] + octets(address("233.252.0.1")), to: server4),
      ]),
    Self(
      "tcp.teardown",
      yes: [segment(443, [], flags: 0x04), segment(443, [], flags: 0x11), segment(8080, [], flags: 0x14)],
      no: [
        segment(8080, "last words"), segment(8080, Array("last words".utf8), flags: 0x19),
        segment(443, [], flags: 0x10),
      ]),
    Self(
      "tcp.acknowledgement", yes: [segment(443, [], flags: 0x10), segment(8080, [], flags: 0x10)],
      no: [segment(443), segment(8080, [], flags: 0x11), segment(8080, "content")]),
    Self(
      "tcp.mid-stream", yes: [segment(8080, "content of no known protocol")],
      no: [segment(8080), segment(8080, [], flags: 0x10), segment(8080, "GET / HTTP/1.1\r\n\r\n")]),
  ]
}
