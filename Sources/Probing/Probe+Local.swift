import Wire

extension Probe {
  /// What stays on the machine's own network.
  static let local: [Probe] = [
    Probe(
      60, "broadcast", "broadcast, as of BitTorrent's local peer discovery", .udp, .v4(255, 255, 255, 255), 6771,
      .localPeers, way: .broadcast, isLocal: true),
    Probe(61, "mdns", "multicast DNS", .udp, .v4(224, 0, 0, 251), 5353, .dns(type: 12), isLocal: true),
    Probe(
      62, "ssdp", "search for devices (SSDP)", .udp, .v4(239, 255, 255, 250), 1900, .deviceSearch, isLocal: true),
    Probe(
      63, "lan-http", "web page of the LAN's router", .tcp, .v4(192, 168, 1, 1), 80, .http, isLocal: true,
      asksStranger: true),
    Probe(
      64, "mdns6", "multicast DNS over IPv6", .udp,
      .address(IPAddress(v6High: 0xFF02_0000_0000_0000, low: 0xFB)), 5353, .dns(type: 12), way: .device("eth0"),
      isLocal: true),
    Probe(
      65, "bound-lan", "connection to the LAN's router from a socket that is bound to the tunnel's address", .tcp,
      .lanResolver, 8080, .http, way: .tunnelAddress, isLocal: true),
  ]
}
