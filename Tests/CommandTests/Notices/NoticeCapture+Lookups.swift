import TestSupport
import Wire

extension NoticeCapture {
  private static func query(_ name: String, port: Int = 50000, id: UInt16 = 7) -> SampleFrame {
    NoticeFrame.host(udpPacket("192.168.1.10:\(port)", "198.51.100.53:53", dnsQuery(name, id: id)))
  }

  private static func answer(_ name: String, _ text: String, port: Int = 50000, id: UInt16 = 7) -> SampleFrame {
    NoticeFrame.lan(udpPacket("198.51.100.53:53", "192.168.1.10:\(port)", dnsResponse(name, [address(text)], id: id)))
  }

  private static func syn(to text: String) -> [UInt8] { tcpPacket("172.18.0.2:40100", "\(text):443", flags: 0x02) }

  static let lookups: [Self] = [
    Self(
      "docker-dns-via-host",
      [
        (10, NoticeFrame.tunnelPacket), (10, query("tracker.example")),
        (20, answer("tracker.example", "198.51.100.80")),
        (5, NoticeFrame.container(syn(to: "198.51.100.80"))),
        // The same packet again is not another lookup.
        (1000, NoticeFrame.container(syn(to: "198.51.100.80"))),
        // Close to the container's packet, and nothing more is known.
        (10, query("time.example", port: 50001)), (20, answer("time.example", "198.51.100.123", port: 50001)),
      ], ["docker-dns-via-host": [1]]),
    Self(
      "dns-of-the-host",
      [
        // Beside a tunnel that is busy, with an answer that no container uses.
        (10, NoticeFrame.tunnelPacket), (2, query("update.example")), (20, answer("update.example", "198.51.100.80")),
        (1, NoticeFrame.tunnelPacket), (1, NoticeFrame.container(syn(to: "198.51.100.81"))),
        // Used, but long after; and an answer that was not asked for.
        (3000, NoticeFrame.container(syn(to: "198.51.100.80"))),
        (10, answer("forged.example", "198.51.100.82", id: 8)), (5, NoticeFrame.container(syn(to: "198.51.100.82"))),
      ]),
    Self(
      "dns-of-the-container",
      [
        // The container asks for itself: a leak of its own, and no lookup of the host's.
        (10, NoticeFrame.container(udpPacket("172.18.0.2:50000", "198.51.100.53:53", dnsQuery("own.example", id: 7)))),
        (1, query("own.example")), (20, answer("own.example", "198.51.100.80")),
        (
          1,
          NoticeFrame.toContainer(
            udpPacket(
              "198.51.100.53:53", "172.18.0.2:50000", dnsResponse("own.example", [address("198.51.100.80")], id: 7)))
        ), (5, NoticeFrame.container(syn(to: "198.51.100.80"))), (5, NoticeFrame.tunnelPacket),
      ]),
  ]
}
