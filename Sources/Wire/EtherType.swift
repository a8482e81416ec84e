/// The protocol carried by a frame, as registered with the IEEE
/// (https://standards-oui.ieee.org/ethertype/eth.txt).
public struct EtherType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static var ipv4: Self { Self(rawValue: 0x0800) }
  public static var arp: Self { Self(rawValue: 0x0806) }
  public static var reverseARP: Self { Self(rawValue: 0x8035) }
  public static var vlan: Self { Self(rawValue: 0x8100) }
  public static var ipv6: Self { Self(rawValue: 0x86DD) }
  /// IEEE 802.3 slow protocols: LACP, OAM.
  public static var slowProtocols: Self { Self(rawValue: 0x8809) }
  public static var mpls: Self { Self(rawValue: 0x8847) }
  /// Upstream-assigned labels (RFC 5332); formerly the multicast code point.
  public static var mplsUpstream: Self { Self(rawValue: 0x8848) }
  public static var pppoeDiscovery: Self { Self(rawValue: 0x8863) }
  public static var pppoeSession: Self { Self(rawValue: 0x8864) }
  /// LLC in frames too long for a length field (draft-ietf-isis-ext-eth).
  public static var jumboLLC: Self { Self(rawValue: 0x8870) }
  /// IEEE 802.1X.
  public static var eapol: Self { Self(rawValue: 0x888E) }
  /// IEEE 802.1ad service tag.
  public static var serviceVLAN: Self { Self(rawValue: 0x88A8) }
  public static var lldp: Self { Self(rawValue: 0x88CC) }
  /// Ethernet configuration testing protocol ("loopback").
  public static var loopbackTest: Self { Self(rawValue: 0x9000) }
  /// Stacked tags before IEEE 802.1ad.
  public static var stackedVLAN: Self { Self(rawValue: 0x9100) }
  public static var stackedVLAN2: Self { Self(rawValue: 0x9200) }

  /// Values up to this one are IEEE 802.3 lengths; an LLC header follows.
  static var maximumLength: UInt16 { 1500 }

  /// Whether an LLC header follows. That header says whether IP comes next.
  var isLLC: Bool { rawValue <= Self.maximumLength || self == .jumboLLC }

  /// Whether frames of this type never leave the link (CONTRACT 1, direction).
  public var isLinkLayerProtocol: Bool {
    switch self {
    case .arp, .reverseARP, .lldp, .eapol, .pppoeDiscovery, .slowProtocols, .loopbackTest: true
    default: false
    }
  }
}
