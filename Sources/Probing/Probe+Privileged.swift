import Wire

extension Probe {
  /// What a consumer can try only with some capability.
  static let privileged: [Probe] = [
    Probe(50, "raw-udp", "UDP datagram from a raw socket", .udp, .internet(210), 40210, .line, way: .raw),
    // wg-quick's own mark: its rules send what carries it around the tunnel.
    Probe(
      51, "marked-udp", "UDP datagram with wg-quick's firewall mark (51820)", .udp, .internet(211), 40211, .line,
      way: .marked(51820)),
    Probe(
      52, "device-udp", "UDP datagram from a socket that is bound to eth0", .udp, .internet(212), 40212, .line,
      way: .device("eth0")),
    Probe(
      53, "device-tcp", "TCP connection from a socket that is bound to eth0", .tcp, .internet(213), 443, .tls,
      way: .device("eth0")),
    // CAP_NET_RAW, which Docker gives to every container, is enough to pass any rule of the gateway's.
    Probe(
      54, "frame-udp", "UDP datagram handed to eth0 past the firewall (packet socket)", .udp, .internet(214), 40214,
      .line, way: .frame("eth0")),
  ]
}
