import Wire

extension Mix {
  /// Frames of 60 to 1500 bytes: the tunnel both ways, TCP, UDP and ICMP on the premises, IPv6, VLAN tags, ARP, and
  /// one leak in 20 000.
  static func mixed(_ traffic: inout Traffic, _ frames: Int) throws(Failure) {
    let host = IPAddress(v4: 0xC0A8_0120)
    var tcp = local(17, Ends.container(40), 9090, .plain, peer: 40)
    var tagged = local(18, Ends.container(41), 9090, .plain, peer: 41)
    var udp = local(19, host, 5000, .datagrams)
    var tcp6 = local(20, Ends.container(42, isIPv6: true), 9090, .plain, peer: 42)
    var udp6 = local(21, IPAddress(v6High: 0xFE80_0000_0000_0000, low: 43), 9090, .datagrams, peer: 43)
    var leaks = (0..<4).map { leakStream($0) }
    traffic.isTagged = true
    try traffic.shakeHands()
    traffic.isTagged = false
    try repeatedly(&traffic, frames) { traffic throws(Failure) in
      let length = 1 + traffic.below(1400)
      switch traffic.below(20_000) {
      case 0: try traffic.advance(&leaks[traffic.below(4)], length: length)
      case 1..<8_000: try traffic.tunnel(isSent: true, blocks: length / 16)
      case 8_000..<13_000: try traffic.tunnel(isSent: false, blocks: length / 16)
      case 13_000..<15_400: try traffic.advance(&tcp, length: length)
      case 15_400..<16_400: try traffic.advance(&udp, length: length)
      case 16_400..<17_000: try traffic.ping(tcp.ends, .inside, .local, length: length, peer: 40)
      case 17_000..<17_800: try traffic.advance(&tcp6, length: length)
      case 17_800..<18_400: try traffic.advance(&udp6, length: length)
      case 18_400..<18_600: try traffic.ping(tcp6.ends, .inside, .local, length: length, peer: 42)
      case 18_600..<19_800:
        traffic.isTagged = true
        if traffic.below(2) == 0 {
          try traffic.tunnel(isSent: true, blocks: length / 16)
        } else {
          try traffic.advance(&tagged, length: length)
        }
        traffic.isTagged = false
      default: try traffic.askARP(22, for: 44)
      }
    }
  }

  static func local(
    _ station: UInt8, _ destination: IPAddress, _ port: UInt16, _ content: Stream.Content, peer: UInt8? = nil
  ) -> Stream {
    Stream(
      Ends(
        source: Ends.container(station, isIPv6: !destination.isIPv4), destination: destination, sourcePort: 40_002,
        destinationPort: port, station: station), content, .local, peer: peer)
  }
}
