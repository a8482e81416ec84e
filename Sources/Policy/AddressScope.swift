public import Wire

/// How far an address reaches, decided only by its value.
public enum AddressScope: UInt8, Sendable, BitwiseCopyable {
  case `public`
  /// RFC 1918, and unique local addresses (RFC 4193).
  case `private`
  /// RFC 3927, and RFC 4291 section 2.5.6.
  case linkLocal
  case loopback
  /// 0.0.0.0 and ::.
  case unspecified
  case broadcast
  /// A group that stays on the premises: 224.0.0.0/24 and 239.0.0.0/8 (RFC 5771, RFC 2365), and the IPv6
  /// scopes up to organization-local (RFC 7346).
  case localMulticast
  /// Any other group.
  case multicast

  public init(_ address: IPAddress) {
    self = address.isIPv4 ? Self.ofIPv4(UInt32(truncatingIfNeeded: address.low)) : Self.ofIPv6(address)
  }

  /// 100.64.0.0/10 (RFC 6598) is not private space: it is a provider's network.
  private static func ofIPv4(_ value: UInt32) -> Self {
    switch value >> 24 {
    case 10: .private
    case 127: .loopback
    case 169: value >> 16 == 0xA9FE ? .linkLocal : .public
    case 172: value >> 20 == 0xAC1 ? .private : .public
    case 192: value >> 16 == 0xC0A8 ? .private : .public
    case 0: value == 0 ? .unspecified : .public
    case 224: value >> 8 == 0xE00000 ? .localMulticast : .multicast
    case 225...238: .multicast
    case 239: .localMulticast
    case 255: value == .max ? .broadcast : .public
    default: .public
    }
  }

  private static func ofIPv6(_ address: IPAddress) -> Self {
    switch address.high >> 56 {
    case 0xFC, 0xFD: return .private
    case 0xFE: return address.high >> 54 == 0x3FA ? .linkLocal : .public
    case 0xFF:
      switch address.high >> 48 & 15 {
      case 1, 2, 3, 4, 5, 8: return .localMulticast
      default: return .multicast
      }
    default:
      guard address.high == 0 else { return .public }
      return address.low == 0 ? .unspecified : address.low == 1 ? .loopback : .public
    }
  }

  /// Whether a source or destination of this scope counts as on the premises when a packet's direction is decided.
  public var isPrivate: Bool {
    switch self {
    case .private, .linkLocal, .loopback, .unspecified: true
    case .public, .broadcast, .localMulticast, .multicast: false
    }
  }

  /// Whether this is a group or everybody. Only egress is sent there.
  public var isGroup: Bool {
    switch self {
    case .broadcast, .localMulticast, .multicast: true
    default: false
    }
  }
}
