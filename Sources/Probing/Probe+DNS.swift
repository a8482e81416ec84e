import Wire

extension Probe {
  /// DNS lookups: whoever answers tells from where it was asked.
  static let lookups: [Probe] = [
    Probe(
      1, "dns-udp-container", "DNS lookup over UDP, with the container's own resolver", .udp, .containerResolver, 53,
      .dns(type: 1)),
    Probe(
      2, "dns-tcp-container", "DNS lookup over TCP, with the container's own resolver", .tcp, .containerResolver, 53,
      .dns(type: 1)),
    Probe(
      3, "dns-udp-docker", "DNS lookup over UDP, with Docker's resolver", .udp, .v4(127, 0, 0, 11), 53, .dns(type: 1)),
    Probe(
      4, "dns-tcp-docker", "DNS lookup over TCP, with Docker's resolver", .tcp, .v4(127, 0, 0, 11), 53, .dns(type: 1)),
    Probe(
      5, "dns-udp-tunnel", "DNS lookup over UDP, with the tunnel's resolver", .udp, .tunnelResolver, 53, .dns(type: 1)),
    Probe(
      6, "dns-tcp-tunnel", "DNS lookup over TCP, with the tunnel's resolver", .tcp, .tunnelResolver, 53, .dns(type: 1)),
    Probe(7, "dns-udp-lan", "DNS lookup over UDP, with the LAN's resolver", .udp, .lanResolver, 53, .dns(type: 1)),
    Probe(8, "dns-tcp-lan", "DNS lookup over TCP, with the LAN's resolver", .tcp, .lanResolver, 53, .dns(type: 1)),
    Probe(
      9, "dns-udp-public", "DNS lookup over UDP, with a public resolver", .udp, .internet(53), 53, .dns(type: 1)),
    Probe(
      10, "dns-tcp-public", "DNS lookup over TCP, with a public resolver", .tcp, .internet(53), 53, .dns(type: 1)),
    Probe(11, "dot", "DNS over TLS to a public resolver", .tcp, .internet(85), 853, .tls),
    Probe(12, "doh", "DNS over HTTPS to a public resolver", .tcp, .internet(44), 443, .tls),
  ]
}
