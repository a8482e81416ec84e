import TestSupport
import Wire

/// Real time, peer to peer, time and discovery.
extension RuleCapture {
  /// A binding request (RFC 8489 section 5) with a software attribute.
  private static let stunBinding: [UInt8] =
    [0, 1, 0, 12, 0x21, 0x12, 0xA4, 0x42] + filler(12, 0x54) + [0x80, 0x22, 0, 8] + Array("libjingl".utf8)

  private static let infoHash = filler(20, 0x1F)
  private static let handshake: [UInt8] =
    [19] + Array("BitTorrent protocol".utf8) + filler(8, 0) + infoHash + Array("-qB4650-abcdefghijkl".utf8)

  /// BEP 29: type and version, extension, connection, timestamp, difference, window, sequence, acknowledgement.
  private static func utp(_ type: UInt8, acknowledged: UInt16 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    [type << 4 | 1, 0] + bigEndian(UInt16(0x4242)) + bigEndian(UInt32(77_000_000)) + bigEndian(UInt32(0))
      + bigEndian(UInt32(0x0010_0000)) + bigEndian(UInt16(1)) + bigEndian(acknowledged) + payload
  }

  private static let search = Array(
    "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: \(String(repeating: "1F", count: 20))\r\n\r\n"
      .utf8)

  private static let clock: [UInt8] = [0x23, 0, 6, 0xEC] + filler(44, 0)

  static let peers: [Self] = [
    Self(
      "stun.cookie", yes: [datagram(40_002, stunBinding), segment(443, stunBinding)],
      no: [
        datagram(40_002, Array(stunBinding[..<4]) + [0x21, 0x12, 0xA4, 0x43] + filler(12)),
        datagram(40_002, [0x80] + stunBinding.dropFirst()),
      ]),
    Self(
      "stun.port",
      yes: [
        datagram(3478, [0, 1, 0, 0] + filler(16)), datagram(19_302, [0, 1, 0, 0] + filler(16)), segment(5349),
      ],
      no: [datagram(40_000, [0, 1, 0, 0] + filler(16), from: 3478), segment(19_302), datagram(3478, stunBinding)]),
    Self(
      "sip.message",
      yes: [
        datagram(5060, "OPTIONS sip:example.org SIP/2.0\r\n\r\n"),
        segment(5060, "REGISTER sip:example.org SIP/2.0\r\n\r\n"),
      ],
      no: [datagram(5059, "OPTIONS sip:example.org SIP/2.0\r\n\r\n"), segment(5060), segment(5061)]),
    Self(
      "bittorrent.handshake", yes: [segment(51_413, handshake), datagram(51_413, utp(0, acknowledged: 9, handshake))],
      no: [segment(51_413, [18] + handshake.dropFirst()), segment(51_413, [19] + Array("BitTarrent protocol".utf8))]),
    Self(
      "bittorrent.dht",
      yes: [
        datagram(
          51_413, "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe"),
        datagram(51_413, "d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re"),
      ],
      no: [datagram(51_413, "d1:md11:ut_metadatai1eee"), datagram(51_413, "d1:ad3:foo1:be")]),
    Self(
      "bittorrent.udp-tracker",
      yes: [datagram(6969, bigEndian(UInt64(0x417_2710_1980)) + bigEndian(UInt32(0)) + filler(4, 0x77))],
      no: [
        datagram(6969, bigEndian(UInt64(0x417_2710_1981)) + bigEndian(UInt32(0)) + filler(4, 0x77)),
        datagram(6969, bigEndian(UInt64(0x417_2710_1980)) + bigEndian(UInt32(1)) + filler(4, 0x77)),
      ]),
    Self(
      "bittorrent.http-tracker",
      yes: [segment(6969, request("tracker.example.org:6969", "/announce?info_hash=%1f%1f&port=51413&left=0"))],
      no: [segment(6969, request("tracker.example.org:6969", "/annals")), segment(80, request("example.org"))]),
    Self(
      "bittorrent.utp", yes: [datagram(51_413, utp(4))],
      no: [datagram(51_413, utp(4, acknowledged: 1)), datagram(51_413, utp(3)), datagram(51_413, utp(5))]),
    Self(
      "bittorrent.local-discovery", yes: [datagram(6771, search)],
      no: [
        // To its own groups it stays on the premises.
        datagram(to: "239.192.152.143", "ff15::efc0:988f", 6771, search, from: 6771), datagram(6771, "BT-FETCH"),
      ]),
    Self(
      "bittorrent.port", yes: [segment(6881), datagram(6889, filler(12))],
      no: [segment(6880), datagram(6890, filler(12)), segment(6881, handshake)]),
    Self(
      "syncthing.port",
      yes: [
        segment(22_000), segment(22_000, tlsClientHello("syncthing")), datagram(22_000, filler(12)),
        datagram(21_027, [0x2E, 0xA7, 0xD9, 0x0B] + filler(40)),
      ],
      no: [
        segment(21_999), segment(21_027), datagram(40_000, filler(12), from: 21_027),
        // To its own group it stays on the link.
        datagram(to: "255.255.255.255", "ff12::8384", 21_027, [0x2E, 0xA7, 0xD9, 0x0B] + filler(40)),
      ]),
    Self(
      "ntp.nts", yes: [segment(4460), segment(4460, tlsClientHello("time.example.org"))],
      no: [segment(4461), datagram(4460, clock)]),
    Self(
      "ntp.port", yes: [datagram(123, clock, from: 123), datagram(123, clock)],
      no: [datagram(124, clock), segment(123), datagram(123, WireGuardSample.initiation)]),
    Self(
      "dhcp.port",
      yes: [
        datagram(67, [1, 1, 6, 0] + filler(232, 0) + [0x63, 0x82, 0x53, 0x63, 53, 1, 3, 255], from: 68),
        datagram(547, [1, 0, 0, 1], from: 546),
      ],
      no: [
        ipv4 {
          udpPacket(
            "0.0.0.0:68", "255.255.255.255:67",
            [1, 1, 6, 0] + filler(232, 0) + [0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255])
        },
        ipv6 { udpPacket("[fe80::2]:546", "[ff02::1:2]:547", [1, 0, 0, 1]) }, datagram(69, [0, 1, 0x61, 0]),
      ]),
    Self(
      "name-discovery.names",
      yes: [
        datagram(5353, dnsMessage(id: 0, flags: 0, dnsQuestion(dnsName("printer.local"))), from: 5353),
        datagram(5355, dnsMessage(flags: 0, dnsQuestion(dnsName("nas")))),
        datagram(
          137, dnsMessage(flags: 0x0110, dnsQuestion(dnsName("CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), type: 0x20)),
          from: 137),
      ],
      no: [
        datagram(
          to: "224.0.0.251", "ff02::fb", 5353, dnsMessage(id: 0, flags: 0, dnsQuestion(dnsName("printer.local"))),
          from: 5353),
        datagram(5354, filler(12)), segment(139),
      ]),
    Self(
      "name-discovery.ssdp",
      yes: [
        datagram(
          1900, "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\n\r\n")
      ],
      no: [
        datagram(
          to: "239.255.255.250", "ff05::c", 1900,
          Array("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n".utf8)),
        segment(1900),
      ]),
    Self(
      "name-discovery.ws", yes: [datagram(3702, "<?xml version=\"1.0\"?><e:Envelope/>")],
      no: [
        datagram(to: "239.255.255.250", "ff02::c", 3702, Array("<?xml version=\"1.0\"?><e:Envelope/>".utf8)),
        segment(3702),
      ]),
  ]
}
