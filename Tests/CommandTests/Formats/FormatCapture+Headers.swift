import TestSupport
import Wire

extension FormatCapture {
  /// A datagram of 2000 bytes in two fragments, then fragments whose first is missing or too short.
  static func fragments(_ stack: String, v6: Bool) -> [Sample] {
    func bare(_ text: String) -> IPAddress { address(String(text.filter { $0 != "[" && $0 != "]" })) }
    let (server, resolver) = v6 ? ("2001:db8:178::1", "2001:db8:53::53") : ("203.0.113.178", "198.51.100.53")
    let neighbour = v6 ? "fd00:18::9" : "172.18.0.9"
    func part(
      _ verdict: String, to destination: String, _ datagram: [UInt8], _ range: Range<Int>, id: UInt32,
      from source: String? = nil
    ) -> Sample {
      let fragment = Fragmentation(
        offset: range.lowerBound, more: range.upperBound < datagram.count, identification: id)
      return Sample(
        verdict,
        ip(from: bare(source ?? stack), to: bare(destination), .udp, Array(datagram[range]), fragment: fragment))
    }
    let message = udp(51820, 51820, wireGuard(4, length: 1992))
    let query = udp(40053, 53, dnsQuery("example.org") + filler(1963, 0))
    let size = query.count
    return [
      part("tunnel", to: server, message, 0..<1408, id: 1),
      part("tunnel", to: server, message, 1408..<2000, id: 1),
      part("dns", to: resolver, query, 0..<1408, id: 2),
      part("dns", to: resolver, query, 1408..<size, id: 2),
      // The same identification towards another destination is another datagram.
      part("fragment", to: v6 ? "2001:db8:11::11" : "198.51.100.11", query, 1408..<size, id: 2),
      part("fragment", to: server, message, 1408..<2000, id: 3),
      part("local", to: neighbour, query, 1408..<size, id: 3),
      // Too short for a TCP header (RFC 1858).
      Sample(
        "undecodable",
        ip(
          from: bare(stack), to: bare(resolver), .tcp, Array(query[..<8]),
          fragment: Fragmentation(offset: 0, more: true, identification: 4))),
      part("ingress", to: stack, message, 0..<1408, id: 5, from: server),
      part("ingress", to: stack, message, 1408..<2000, id: 5, from: server),
    ]
  }

  static let extensions: [Sample] = {
    let (stack, server, web) = (address("fd00:18::2"), address("2001:db8:178::1"), address("2001:db8:80::80"))
    let initiation = udp(51820, 51820, WireGuardSample.initiation)
    let query = udp(40053, 53, dnsQuery("example.org"))
    return [
      Sample("tunnel", ipv6(from: stack, to: server, .hopByHop, extensionHeader(.udp) + initiation)),
      Sample(
        "tunnel",
        ipv6(
          from: stack, to: server, .hopByHop,
          extensionHeader(.destinationOptions) + extensionHeader(.udp, length: 24) + initiation)),
      Sample("dns", ipv6(from: stack, to: web, .authentication, authenticationHeader(.udp) + query)),
      Sample("dns", ipv6(from: stack, to: web, .routing, extensionHeader(.udp) + query)),
      Sample("endpoint-bypass", ipv6(from: stack, to: server, .esp, filler(40))),
      Sample("ipsec", ipv6(from: stack, to: web, .esp, filler(40))),
      Sample("other", ipv6(from: stack, to: web, .noNextHeader, [])),
      // The header says 24 bytes where 8 are left.
      Sample("undecodable", ipv6(from: stack, to: web, .destinationOptions, [17, 2] + filler(6, 0))),
      Sample("undecodable", ipv6(from: stack, to: server, .destinationOptions, [17, 2] + filler(6, 0))),
    ]
  }()

  /// What a sender shows that leaves segmentation to its network card.
  static let offload: [Sample] = {
    let (stack, server) = (address("172.18.0.2"), address("203.0.113.178"))
    let web = address("198.51.100.80")
    return [
      Sample("tls", ipv4(from: stack, to: web, .tcp, tcp(40443, 443, filler(3000)), totalLength: 0)),
      Sample(
        "tunnel",
        ipv4(from: stack, to: server, .udp, udp(51820, 51820, WireGuardSample.data), totalLength: 0)),
      // Three messages of 1452 bytes in one datagram (UDP_SEGMENT).
      Sample(
        "tunnel",
        udpPacket(
          "172.18.0.2:51820", "203.0.113.178:51820", (0..<3).flatMap { _ in wireGuard(4, length: 1452) })),
      Sample("ingress", ipv4(from: web, to: stack, .tcp, tcp(443, 40443, filler(3000)), totalLength: 0)),
    ]
  }()

  /// Ethernet pads frames to 60 bytes; bytes after the packet's end are not payload.
  static let padding: [Sample] = [
    Sample("not-wireguard", udpPacket("172.18.0.2:51820", "203.0.113.178:51820", [4, 0, 0, 0]) + filler(28, 0)),
    Sample("tunnel", udpPacket("172.18.0.2:51820", "203.0.113.178:51820", WireGuardSample.keepalive) + filler(9, 0)),
    Sample("dns", tcpPacket("172.18.0.2:40000", "198.51.100.53:53", flags: 0x02) + filler(6, 0)),
    Sample("dns", udpPacket("172.18.0.2:40000", "198.51.100.53:53", dnsQuery("example.org")) + filler(9, 0xFF)),
    Sample("local", udpPacket("172.18.0.2:40000", "172.18.0.9:514", []) + filler(18, 0)),
  ]

  /// Frames cut by a snap length, counted from the Ethernet header on: IP begins at 14, ports at 34.
  static let cut: [Sample] = [
    Sample("tunnel", udpPacket("172.18.0.2:51820", "203.0.113.178:51820", WireGuardSample.initiation), captured: 96),
    Sample("tunnel", udpPacket("172.18.0.2:51820", "203.0.113.178:51820", WireGuardSample.data), captured: 46),
    Sample("undecodable", udpPacket("172.18.0.2:51820", "203.0.113.178:51820", WireGuardSample.data), captured: 45),
    Sample("undecodable", udpPacket("172.18.0.2:51820", "203.0.113.178:51820", WireGuardSample.data), captured: 36),
    Sample("endpoint-bypass", tcpPacket("172.18.0.2:40000", "203.0.113.178:443"), captured: 36),
    Sample("dns", udpPacket("172.18.0.2:40000", "198.51.100.53:53", dnsQuery("example.org")), captured: 42),
    Sample("dns", tcpPacket("172.18.0.2:40000", "198.51.100.53:53"), captured: 38),
    Sample("undecodable", tcpPacket("172.18.0.2:40000", "198.51.100.80:80"), captured: 36),
    // It cannot be seen whether it is DNS, so neither whether it is local.
    Sample("undecodable", tcpPacket("172.18.0.2:40000", "172.18.0.9:445"), captured: 36),
    Sample("local", tcpPacket("172.18.0.2:40000", "172.18.0.9:445"), captured: 38),
    Sample("local", tcpPacket("172.18.0.2:40000", "127.0.0.1:445"), captured: 36),
    Sample("undecodable", udpPacket("172.18.0.2:40000", "198.51.100.53:53"), captured: 30),
    Sample("undecodable", udpPacket("172.18.0.2:40000", "198.51.100.53:53"), captured: 12),
    Sample("ingress", tcpPacket("198.51.100.80:80", "172.18.0.2:40000"), captured: 36),
  ]
}
