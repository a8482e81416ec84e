import Wire

extension Probe {
  /// The usual probes over IPv6.
  static let overIPv6: [Probe] = [
    Probe(
      40, "dns-udp-public6", "DNS lookup over UDP and IPv6, with a public resolver", .udp, .internet6(0x53), 53,
      .dns(type: 28)),
    Probe(
      41, "dns-tcp-public6", "DNS lookup over TCP and IPv6, with a public resolver", .tcp, .internet6(0x53), 53,
      .dns(type: 28)),
    Probe(42, "https6", "TLS handshake over IPv6", .tcp, .internet6(0x443), 443, .tls),
    Probe(43, "quic6", "QUIC handshake over IPv6", .udp, .internet6(0x445), 443, .quic),
    Probe(44, "icmp6", "ping over IPv6", .icmpv6, .internet6(0x11), 0, .line),
  ]
}
