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

  private static let ike: [UInt8] =
    filler(8, 0x1A) + filler(8, 0) + [33, 0x20, 34, 0x08, 0, 0, 0, 0] + bigEndian(UInt32(28))

  static let tunnels: [Self] = [
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
      no: [carrying(IPProtocol(rawValue: 46), [0, 0, 8, 0] + inner4)]),
    Self(
      "ipsec.protocol",
      yes: [
        carrying(IPProtocol(rawValue: 50), bigEndian(UInt32(0x100)) + bigEndian(UInt32(1)) + filler(48)),
        carrying(IPProtocol(rawValue: 51), authenticationHeader(IPProtocol(rawValue: 50)) + filler(48)),
      ],
      no: [carrying(IPProtocol(rawValue: 52), filler(48)), datagram(4501, filler(48))]),
    Self(
      "openvpn.reset",
      yes: [
        datagram(443, openVPN), datagram(1195, openVPNCrypt), segment(443, bigEndian(UInt16(openVPN.count)) + openVPN),
      ],
      no: [
        datagram(443, [0x48] + openVPN.dropFirst()), datagram(1195, openVPN + [0]), datagram(1194, [0x30] + filler(40)),
      ]),
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
}
