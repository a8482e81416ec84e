import Wire

extension Probe {
  /// TCP connections.
  static let streams: [Probe] = [
    Probe(20, "http", "web page over HTTP", .tcp, .internet(80), 80, .http),
    Probe(21, "bittorrent", "BitTorrent handshake with a peer", .tcp, .internet(68), 6881, .bitTorrent),
    Probe(
      22, "flow-tcp", "TCP connection that was opened in the first round and goes on", .tcp, .internet(200), steadyPort,
      .line, way: .steady),
    // A name that is said to have the Endpoint's address leads a program there, where kill switches leave a gap
    // (TunnelCrack, 2023).
    Probe(23, "https-endpoint", "TLS handshake with the Endpoint's own host", .tcp, .endpoint, 443, .tls),
  ]

  /// XMPP's, on which clients keep a connection for days.
  static let steadyPort: UInt16 = 5222
}
