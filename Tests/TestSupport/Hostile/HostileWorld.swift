public import Wire

/// The few addresses, ports and names of hostile conversations: so few that flows, sessions and fragments meet.
public enum HostileWorld {
  /// The policy's endpoints; the third is on DNS's port, the fourth in private space.
  public static let endpoints = [
    "89.44.10.178:51820", "[2001:db8:44::178]:51820", "203.0.113.9:53", "192.168.255.1:51820",
  ].map(endpoint)
  /// An endpoint given by name, and the addresses in its answers.
  public static let endpointName = "vpn.example"
  public static let named = ["198.51.100.44", "2001:db8:44::44"].map(address)
  public static let namedPort: UInt16 = 51820
  public static let publicKey = filler(32, 0x07)
  public static let otherKey = filler(32, 0x08)
  public static let servedPort: UInt16 = 51821
  public static let publishedPort: UInt16 = 8080

  /// Senders: two containers, the host, the tunnel's inside, and hosts with public addresses.
  public static let inside4 = [
    "172.18.0.2", "172.18.0.3", "192.168.1.10", "10.66.5.6", "203.0.113.77", "172.18.0.2",
  ].map(address)
  public static let inside6 = ["fd00:18::2", "fc00:bbbb::5:6", "2001:db8:5::77", "fe80::2"].map(address)
  /// Peers: public ones, the LAN, resolvers, groups, and what no packet should go to.
  public static let outside4 = [
    "198.51.100.7", "198.51.100.8", "9.9.9.9", "10.64.0.1", "192.168.1.1", "172.18.0.1", "10.77.3.4", "224.0.0.251",
    "255.255.255.255", "89.44.10.178", "203.0.113.9", "127.0.0.11", "0.0.0.0", "239.1.1.1", "224.1.1.1",
    "198.51.100.44",
  ].map(address)
  public static let outside6 = [
    "2001:db8::7", "fd00:18::1", "ff02::fb", "2001:db8:44::178", "fe80::1", "fd77::4", "ff0e::1", "2001:db8:44::44",
  ].map(address)
  public static let containerMACs = [MACAddress(0x02_42_AC_12_00_02), MACAddress(0x02_42_AC_12_00_03)]
  /// Container and bridge, machine and router.
  static let macs = [
    containerMACs[0], MACAddress(0x02_42_00_00_00_01), containerMACs[1], MACAddress(0x02_00_00_00_00_04),
  ]

  static let ports: [UInt16] = [40000, 40001, 53, 443, 853, 123, 8080, 51820, 51821, 80, 6881, 5353, 67, 68, 0, 65535]
  static let names = [
    endpointName, "VPN.example", "tracker.example", "a.b.c.d.example", String(repeating: "x", count: 63) + ".example",
  ]
  /// Each difference of two of them either fits into 64 bits, or just does not.
  static let times: [Int64] = [
    0, .min, .max, 1_700_000_000_000_000_000, -1, 1, .min + 1, .max - 1, .min / 2, .max / 2 + 1,
    4_294_967_295_000_000_000,
  ]
  static let counters: [UInt64] = [0, 1, .max, .max - 1, 1 << 63, 1 << 32, 1 << 62, 63, 64, 65]
  static let linkTypes: [LinkType] = [.ethernet, .linuxCooked2, .linuxCooked, .raw]

  /// What the program itself would send.
  public static let control = (
    source: address("198.18.0.1"), destination: address("198.18.0.2"),
    packet: ip(from: address("198.18.0.1"), to: address("198.18.0.2"), .udp, udp(9, 9, filler(24, 0x5C)))
  )
  public static let controlMAC = macs[0]
}
