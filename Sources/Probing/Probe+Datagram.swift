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
  ]
}
