import Wire

extension Probe {
  /// UDP datagrams and pings.
  static let datagrams: [Probe] = [
    Probe(30, "quic", "QUIC handshake, as of HTTP/3", .udp, .internet(45), 443, .quic),
    Probe(
      31, "dht", "ping of BitTorrent's distributed hash table", .udp, .internet(69), 6881, .distributedHashTable),
    Probe(32, "ntp", "time over NTP", .udp, .internet(123), 123, .ntp),
    Probe(33, "stun", "STUN request, as of WebRTC", .udp, .internet(34), 3478, .stun),
    Probe(
      34, "flow-udp", "UDP datagrams that keep the source port of the first round", .udp, .internet(201), 51413, .line,
      way: .steady),
    Probe(35, "icmp", "ping", .icmp, .internet(11), 0, .line),
    Probe(
      36, "bound-udp", "UDP datagram from a socket that is bound to the tunnel's address", .udp, .internet(215), 40215,
      .line, way: .tunnelAddress),
    // 1,828 bytes with their headers, more than any of the stack's links carries in one frame.
    Probe(
      37, "large-udp", "UDP datagram larger than the MTU of tunnel and network, in fragments", .udp, .internet(216),
      40216,
      .long(1800), way: .fragmented),
    // 1,500 bytes with their headers: all that eth0 carries, and more than the tunnel does.
    Probe(
      38, "large-df-udp", "UDP datagram larger than the tunnel's MTU, which forbids fragments", .udp, .internet(217),
      40217, .long(1472), way: .unfragmented),
  ]
}
