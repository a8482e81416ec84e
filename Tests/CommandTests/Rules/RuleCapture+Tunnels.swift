import TestSupport
import Wire

/// Tunnels that are not the audited one.
extension RuleCapture {
  private static let inner4 = icmpPacket("10.1.0.2", "192.0.2.1", icmpEcho(8, identifier: 3))
  private static let inner6 = icmpPacket("2001:db8:1::2", "2001:db8:2::1", icmpEcho(128, identifier: 3))

  /// P_CONTROL_HARD_RESET_CLIENT_V2 with a session id, no acknowledgements and packet id 0.
  private static let openVPN: [UInt8] = [0x38] + filler(8, 0x0F) + [0, 0, 0, 0, 0]
  private static let openVPNCrypt: [UInt8] =
    [0x38] + filler(8, 0x0F) + bigEndian(UInt32(1)) + bigEndian(UInt32(1_700_000_000)) + filler(37, 0x99)

  /// Under tls-auth a digest, a number and a time stand in it.
  private static func openVPNAuth(_ digest: Int, number: UInt32 = 1) -> [UInt8] {
    [0x38] + filler(8, 0x0F) + filler(digest, 0x77) + bigEndian(number) + bigEndian(UInt32(1_700_000_000))
      + [0, 0, 0, 0, 0]
  }

  /// P_CONTROL_HARD_RESET_CLIENT_V3: under tls-crypt, and the wrapped key with its length at its end.
  private static let openVPNWrapped: [UInt8] =
    [0x50] + filler(8, 0x0F) + bigEndian(UInt32(0x0F00_0001)) + bigEndian(UInt32(1_700_000_000)) + filler(37, 0x99)
    + filler(297, 0xA5) + bigEndian(UInt16(299))

  /// P_CONTROL_HARD_RESET_SERVER_V2: acknowledges packet 0 of a session.
  private static let openVPNServer: [UInt8] =
    [0x40] + filler(8, 0x1F) + [1, 0, 0, 0, 0] + filler(8, 0x0F) + [0, 0, 0, 0]

  private static func framed(_ message: [UInt8]) -> [UInt8] { bigEndian(UInt16(message.count)) + message }

  /// A Start-Control-Connection-Request (RFC 2637 section 2.1).
  private static let pptp: [UInt8] =
    bigEndian(UInt16(156)) + bigEndian(UInt16(1)) + bigEndian(UInt32(0x1A2B_3C4D)) + bigEndian(UInt16(1))
    + filler(146, 0)

  /// GRE version 1 with key (length and call), sequence number and PPP (RFC 2637 section 4.1).
  private static let pptpData: [UInt8] =
    [0x30, 0x01, 0x88, 0x0B, 0, 32, 0, 7, 0, 0, 0, 1, 0xFF, 0x03, 0x00, 0x21] + filler(28, 0x45)

  private static let disco: [UInt8] = Array("TS\u{1F4AC}".utf8) + filler(32, 0xD1) + filler(24, 0xD2) + filler(34, 0xD3)

  /// WireGuard with a client id in the reserved bytes, and no cookie: mac2 is zero.
  private static let warp: [UInt8] =
    [1, 0x4E, 0x21, 0x9A] + filler(128, 0x5A) + filler(16, 0)

  private static let ike: [UInt8] =
    filler(8, 0x1A) + filler(8, 0) + [33, 0x20, 34, 0x08, 0, 0, 0, 0] + bigEndian(UInt32(28))

  static let tunnels: [Self] =
    foreignVPNs + [
      Self(
        "wireguard.message",
        yes: [
          datagram(51_820, WireGuardSample.initiation), datagram(123, WireGuardSample.response, from: 51_820),
          datagram(51_820, WireGuardSample.cookie), datagram(443, WireGuardSample.keepalive),
        ],
        no: [
          datagram(51_820, wireGuard(1, length: 147)), datagram(51_820, wireGuard(4, length: 32, reserved: [1, 0, 0])),
          datagram(51_820, wireGuard(5, length: 148)),
          datagram(to: "203.0.113.178", "2001:db8:178::1", 51_820, WireGuardSample.initiation, from: 51_820),
        ]),
      Self(
        "tunnel.6in4", yes: [carrying(IPProtocol(rawValue: 41), inner6)],
        no: [carrying(IPProtocol(rawValue: 42), inner6), carrying(IPProtocol(rawValue: 4), inner4)]),
      Self(
        "tunnel.ip-in-ip", yes: [carrying(IPProtocol(rawValue: 4), inner4)],
        no: [carrying(IPProtocol(rawValue: 3), inner4), carrying(IPProtocol(rawValue: 41), inner6)]),
      Self(
        "tunnel.gre", yes: [carrying(IPProtocol(rawValue: 47), [0, 0, 8, 0] + inner4)],
        no: [
          carrying(IPProtocol(rawValue: 46), [0, 0, 8, 0] + inner4), carrying(IPProtocol(rawValue: 47), pptpData),
        ]),
      Self(
        "ipsec.protocol",
        yes: [
          carrying(IPProtocol(rawValue: 50), bigEndian(UInt32(0x100)) + bigEndian(UInt32(1)) + filler(48)),
          carrying(IPProtocol(rawValue: 51), authenticationHeader(IPProtocol(rawValue: 50)) + filler(48)),
        ],
        no: [carrying(IPProtocol(rawValue: 52), filler(48)), datagram(4501, filler(48))]),
      Self(
        "tunnel.teredo", yes: [datagram(3544, inner6)],
        no: [datagram(3545, inner6), segment(3544)]),
      Self(
        "tunnel.vxlan",
        yes: [
          datagram(4789, [8, 0, 0, 0, 0, 0, 42, 0] + ethernet(inner4)),
          datagram(6081, [0, 0, 0x65, 0x58, 0, 0, 42, 0] + ethernet(inner4)),
        ],
        no: [datagram(4790, [8, 0, 0, 0, 0, 0, 42, 0] + ethernet(inner4)), segment(4789)]),
      Self(
        "tunnel.l2tp",
        yes: [
          // A start request for a control connection (RFC 2661 section 6.1), and L2TPv3 over IP.
          datagram(1701, [0xC8, 0x02, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x08, 0, 0, 0, 0, 0, 1], from: 1701),
          carrying(IPProtocol(rawValue: 115), bigEndian(UInt32(7)) + ethernet(inner4)),
        ],
        no: [datagram(1702, filler(20)), segment(1701)]),
      Self(
        "openvpn.port", yes: [datagram(1194, [0x30] + filler(40)), segment(1194)],
        no: [datagram(1195, [0x30] + filler(40)), segment(1193), datagram(1194, openVPN)]),
      Self(
        "ipsec.ike", yes: [datagram(500, ike, from: 500), datagram(4500, filler(60), from: 4500)],
        no: [datagram(501, ike), segment(500)]),
    ]

  /// What other VPNs send first. A flow keeps the name of its first packet.
  private static let foreignVPNs: [Self] = [
    Self(
      "openvpn.reset",
      yes: [
        datagram(443, openVPN), segment(443, framed(openVPN)), datagram(40_001, openVPNServer, from: 1195),
        segment(40_001, framed(openVPNServer), from: 443),
        // Data of two versions (P_DATA_V2, P_DATA_V1) in flows that began this way: on this port it would look like
        // QUIC.
        datagram(443, openVPN, from: 41_000), datagram(443, [0x48, 0, 0, 1] + filler(60, 0x61), from: 41_000),
        segment(8080, framed(openVPN), from: 41_001), segment(8080, framed([0x30] + filler(60, 0x61)), from: 41_001),
      ],
      no: [
        datagram(443, [0x48] + openVPN.dropFirst()), datagram(1195, openVPN + [0]), datagram(1194, [0x30] + filler(40)),
        segment(8443, framed(openVPN) + [0]), segment(8444, [0, 15] + openVPN),
      ]),
    Self(
      "openvpn.tls-auth",
      yes: [20, 32, 48, 64].map { datagram(1195, openVPNAuth($0)) } + [
        segment(443, framed(openVPNAuth(64))), datagram(1195, openVPNAuth(20, number: 3)),
        datagram(443, openVPNAuth(32), from: 41_000), datagram(443, [0x48, 0, 0, 1] + filler(60, 0x61), from: 41_000),
      ],
      no: [
        datagram(1195, openVPNAuth(21)), datagram(1195, openVPNAuth(20, number: 0x1234_5678)),
        datagram(1195, [0x39] + openVPNAuth(20).dropFirst()), segment(443, openVPNAuth(20)),
      ]),
    Self(
      "openvpn.tls-crypt",
      yes: [
        datagram(1195, openVPNCrypt), datagram(1195, openVPNWrapped), segment(443, framed(openVPNCrypt)),
        segment(443, framed(openVPNWrapped)),
      ],
      no: [
        datagram(1195, openVPNCrypt + [0]), datagram(1195, openVPNWrapped + [0]),
        datagram(1195, [0x51] + openVPNWrapped.dropFirst()), segment(443, openVPNWrapped),
      ]),
    Self(
      "pptp.gre", yes: [carrying(IPProtocol(rawValue: 47), pptpData)],
      no: [
        carrying(IPProtocol(rawValue: 47), [0, 0, 8, 0] + inner4),
        carrying(IPProtocol(rawValue: 47), [0x30, 0x01, 0x88, 0x0C] + filler(20)),
      ]),
    Self(
      "pptp.control",
      yes: [segment(1723, pptp), segment(1724, pptp, from: 41_000), segment(1724, filler(20, 0x33), from: 41_000)],
      no: [
        segment(1723), segment(1723, [0, 156, 0, 2] + pptp.dropFirst(4)), segment(1723, pptp.dropLast(152) + filler(8)),
        datagram(1723, pptp),
      ]),
    Self(
      "pptp.port", yes: [segment(1723), segment(1723, filler(20, 0x33))],
      no: [segment(1724), datagram(1723, filler(20, 0x33)), segment(1723, pptp)]),
    Self(
      "tailscale.disco", yes: [datagram(41_641, disco, from: 41_641), datagram(3478, disco)],
      no: [
        datagram(41_641, Array(disco.prefix(79))), datagram(41_641, Array("TS\u{1F4AD}".utf8) + disco.dropFirst(6)),
        segment(41_641, disco), datagram(41_641, WireGuardSample.initiation),
      ]),
    Self(
      "warp.handshake",
      yes: [
        datagram(2408, warp), datagram(500, warp, from: 41_000),
        datagram(500, [4, 0x4E, 0x21, 0x9A] + filler(60, 0x61), from: 41_000),
      ],
      no: [
        datagram(2408, warp.dropLast() + [1]), datagram(2408, WireGuardSample.initiation),
        datagram(2408, [2] + warp.dropFirst()), datagram(2409, [4, 0x4E, 0x21, 0x9A] + filler(60, 0x61)),
      ]),
    Self(
      "warp.port", yes: [datagram(2408, [4, 0x4E, 0x21, 0x9A] + filler(60, 0x61))],
      no: [datagram(2407, [4, 0x4E, 0x21, 0x9A] + filler(60, 0x61)), segment(2408), datagram(2408, warp)]),
  ]
}
