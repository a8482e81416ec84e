import TestSupport
import Wire

extension NoticeCapture {
  static let arps: [Self] = [
    Self(
      "arp-for-public",
      [
        NoticeFrame.container(arp(1, "172.18.0.2", "198.51.100.80"), .arp),
        NoticeFrame.container(arp(1, "172.18.0.2", "198.51.100.80"), .arp),
        NoticeFrame.host(arp(1, "192.168.1.10", "100.64.0.7"), .arp),
        // An asker with a public address, and an address far from its own.
        NoticeFrame.host(arp(1, "198.51.100.10", "203.0.113.9"), .arp),
        NoticeFrame.tunnelPacket,
      ], ["arp-for-public": [2, 1, 1]]),
    Self(
      "arp-of-the-link",
      [
        NoticeFrame.host(arp(1, "0.0.0.0", "198.51.100.10"), .arp),
        NoticeFrame.host(arp(1, "198.51.100.10", "198.51.100.10"), .arp),
        NoticeFrame.host(arp(1, "198.51.100.10", "198.51.100.1"), .arp),
        NoticeFrame.host(arp(1, "192.168.1.10", "192.168.1.1"), .arp),
        NoticeFrame.host(arp(1, "192.168.1.10", "169.254.7.7"), .arp),
        NoticeFrame.host(arp(1, "192.168.1.10", "192.0.2.7"), .arp),
        NoticeFrame.lan(arp(1, "192.168.1.1", "198.51.100.80"), .arp),
        NoticeFrame.toContainer(arp(1, "172.18.0.1", "172.18.0.2"), .arp),
        NoticeFrame.tunnelPacket,
      ]),
    Self(
      "arp-for-tunnel",
      [
        NoticeFrame.host(arp(2, "10.64.114.74", "192.168.1.1"), .arp),
        NoticeFrame.host(arp(2, "10.64.114.74", "192.168.1.1"), .arp),
        NoticeFrame.container(arp(1, "10.64.114.74", "172.18.0.1"), .arp), NoticeFrame.tunnelPacket,
      ], ["arp-for-tunnel": [2, 1]]),
    Self(
      "arp-replies",
      [
        NoticeFrame.host(arp(2, "192.168.1.10", "192.168.1.1"), .arp),
        NoticeFrame.container(arp(2, "172.18.0.2", "172.18.0.1"), .arp),
        NoticeFrame.lan(arp(1, "192.168.1.1", "10.64.114.74"), .arp), NoticeFrame.tunnelPacket,
      ]),
  ]

  private static func answer(_ kind: UInt8, _ options: [UInt8], sname: [UInt8] = []) -> SampleFrame {
    let head = dhcpOption(53, [kind]) + dhcpOption(54, octets(address("192.168.1.66")))
    return NoticeFrame.lan(
      udpPacket("192.168.1.66:67", "255.255.255.255:68", dhcp(sname: sname, head + options)))
  }

  private static let halves =
    classlessRoute("0.0.0.0", 1, via: "192.168.1.66") + classlessRoute("128.0.0.0", 1, via: "192.168.1.66")
  private static let defaultRoute = classlessRoute("0.0.0.0", 0, via: "192.168.1.1")

  static let dhcps: [Self] = [
    Self(
      "dhcp-routes",
      [
        answer(2, dhcpOption(121, halves)), answer(5, dhcpOption(121, halves)),
        answer(5, dhcpOption(249, classlessRoute("10.0.0.0", 8, via: "192.168.1.66"))),
        answer(
          5, dhcpOption(52, [2]), sname: dhcpOption(121, classlessRoute("203.0.113.178", 32, via: "192.168.1.66"))),
        answer(5, dhcpOption(121, [33, 1, 2, 3])), NoticeFrame.tunnelPacket,
      ], ["dhcp-option-121": [2, 1, 1, 1]]),
    Self(
      "dhcp-plain",
      [
        answer(5, dhcpOption(3, octets(address("192.168.1.1")))), answer(5, dhcpOption(121, defaultRoute)),
        // Networks of single addresses need a route to their router first.
        answer(5, dhcpOption(121, classlessRoute("192.168.1.1", 32, via: "0.0.0.0") + defaultRoute)),
        // A client that would take them, and a server's refusal.
        NoticeFrame.host(
          udpPacket(
            "0.0.0.0:68", "255.255.255.255:67", dhcp(isReply: false, dhcpOption(53, [3]) + dhcpOption(55, [1, 3, 121])))
        ),
        answer(6, dhcpOption(121, halves)), NoticeFrame.tunnelPacket,
      ]),
  ]
}
