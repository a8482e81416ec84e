import TestSupport
import Wire

/// Frames with identifying data in every field that the program reads.
enum MarkedTraffic {
  /// What no redacted output may contain.
  static let words = [
    "qzvplain", "qzvhouse", "qzvscript", "qzvnotes", "qzvlonely", "qzvnasdrive", "qzvboxhome", "qzvaccent", "qzvblank",
    "qzvperson",
    "qzvserver", "qzvhidden", "qzvvisited", "qzvpath", "qzvsoftware", "qzvmachine", "qzvstream", "qzvhash", "qzvcookie",
  ].map(MarkedWord.init)
  /// Addresses and stations, as texts write them.
  static let addresses = [
    "198.51.100.", "203.0.113.", "2606:4700", "5054:ff", "fe12:3456", "12:34:56", "fd12:3456", "52:54:00", "233.252.",
    "c6336400", "71767a",
  ]
  /// The same as on the wire.
  static let octets: [[UInt8]] = [
    [198, 51, 100], [203, 0, 113], [0x26, 0x06, 0x47, 0x00], [0x52, 0x54, 0x00], [0x12, 0x34, 0x56], [233, 252],
  ]

  private static let station = MACAddress(0x52_54_00_12_34_56)
  private static let container = "172.18.0.2"

  private static func question(_ name: [UInt8]) -> [UInt8] {
    udpPacket("\(container):40000", "198.51.100.53:53", dnsMessage(dnsQuestion(name)))
  }

  private static func label(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

  private static var packets: [[UInt8]] {
    let names =
      ["qzvplain.qzvhouse.example", "qzvscript.sh", "qzvnotes.md", "qzvlonely", "qzvnasdrive.qzvboxhome"].map(dnsName)
      + [label("qzvaccentão") + [0], label("qzvblank qzvperson") + [0]]
    // The client's own subnet (RFC 7871 section 6).
    var subnet = dnsMessage(
      dnsQuestion(dnsName("example.org")) + [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100])
    subnet[11] = 1
    let software = Array("qzvsoftware ".utf8)
    let stun: [UInt8] =
      [0, 1, 0, 16, 0x21, 0x12, 0xA4, 0x42] + filler(12) + [0x80, 0x22, 0, 12] + software
    let hash = Array("qzvhash qzvhash qzvh".utf8)
    let table =
      Array("d1:ad2:id20:".utf8) + filler(20) + Array("9:info_hash20:".utf8) + hash
      + Array("e1:q9:get_peers1:t2:aa1:y1:qe".utf8)
    let http = "GET /qzvpath HTTP/1.1\r\nHost: qzvvisited.example\r\nCookie: qzvcookie\r\n\r\n"
    let direct = "GET / HTTP/1.1\r\nHost: 198.51.100.77\r\n\r\n"
    return names.map(question) + [
      udpPacket("\(container):40000", "198.51.100.53:53", subnet),
      tcpPacket("\(container):40001", "198.51.100.53:53", prefixed(2, dnsQuery("qzvstream.example"))),
      tcpPacket("\(container):40002", "198.51.100.7:443", tlsRecords(clientHello("qzvserver.example"))),
      tcpPacket(
        "\(container):40003", "203.0.113.7:443", tlsRecords(clientHello("qzvhidden.example", isEncrypted: true))),
      tcpPacket("\(container):40004", "203.0.113.8:80", Array(http.utf8)),
      tcpPacket("\(container):40005", "203.0.113.9:80", Array(direct.utf8)),
      udpPacket("\(container):40006", "203.0.113.10:3478", stun),
      udpPacket("\(container):68", "203.0.113.11:67", dhcp(isReply: false, dhcpOption(12, Array("qzvmachine".utf8)))),
      udpPacket("\(container):40007", "203.0.113.12:6881", table),
      udpPacket("[fe80::5054:ff:fe12:3456]:40008", "[2606:4700::1111]:9999", Array("qzvplain".utf8)),
      udpPacket("[fd12:3456:789a:1:5054:ff:fe12:3456]:40009", "[2606:4700::1112]:9999"),
      icmpPacket("fe80::5054:ff:fe12:3456", "ff0e::12:3456", icmp(143, filler(8))),
      udpPacket("\(container):40010", "233.252.18.52:5004"),
      icmpPacket(
        container, "198.51.100.9",
        icmp(5, rest: 0xCB00_7107, Array(udpPacket("198.51.100.9:1", "203.0.113.44:2").prefix(28)))),
      // From an address that is not the interface's.
      udpPacket("203.0.113.77:1", "198.51.100.8:2"),
    ]
  }

  static var frames: [SampleFrame] {
    var bytes = packets.map { ethernet($0, $0[0] >> 4 == 4 ? .ipv4 : .ipv6, from: station) }
    bytes.append(ethernet(arp(1, "192.168.1.9", "198.51.100.99", from: station), .arp, from: station))
    let route = dhcpOption(121, classlessRoute("198.51.100.0", 24, via: "203.0.113.1"))
    bytes.append(
      ethernet(
        udpPacket("192.168.1.1:67", "192.168.1.9:68", dhcp(dhcpOption(53, [5]) + route)),
        to: station))
    return bytes.enumerated().map { number, bytes in
      SampleFrame(
        bytes, .ethernet, time: Timestamp(nanoseconds: 1_764_025_801_000_000_000 + Int64(number) * 1_000_000),
        direction: number == bytes.count ? .outgoing : .incoming)
    }
  }
}
