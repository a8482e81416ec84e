/// The protocol above IP, as registered with IANA
/// (https://www.iana.org/assignments/protocol-numbers), IPv6 extension headers included.
public struct IPProtocol: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static var hopByHop: Self { Self(rawValue: 0) }
  public static var icmp: Self { Self(rawValue: 1) }
  public static var igmp: Self { Self(rawValue: 2) }
  public static var ipv4: Self { Self(rawValue: 4) }
  public static var tcp: Self { Self(rawValue: 6) }
  public static var udp: Self { Self(rawValue: 17) }
  public static var dccp: Self { Self(rawValue: 33) }
  public static var ipv6: Self { Self(rawValue: 41) }
  public static var routing: Self { Self(rawValue: 43) }
  public static var fragment: Self { Self(rawValue: 44) }
  public static var gre: Self { Self(rawValue: 47) }
  public static var esp: Self { Self(rawValue: 50) }
  public static var authentication: Self { Self(rawValue: 51) }
  public static var icmpv6: Self { Self(rawValue: 58) }
  public static var noNextHeader: Self { Self(rawValue: 59) }
  public static var destinationOptions: Self { Self(rawValue: 60) }
  public static var sctp: Self { Self(rawValue: 132) }
  public static var mobility: Self { Self(rawValue: 135) }
  public static var udpLite: Self { Self(rawValue: 136) }
  public static var hip: Self { Self(rawValue: 139) }
  public static var shim6: Self { Self(rawValue: 140) }
  public static var experiment1: Self { Self(rawValue: 253) }
  public static var experiment2: Self { Self(rawValue: 254) }
}

extension IPProtocol: CustomStringConvertible {
  /// The registry's keyword in lower case, or `protocol N`.
  public var description: String {
    switch self {
    case .icmp: "icmp"
    case .igmp: "igmp"
    case .ipv4: "ipip"
    case .tcp: "tcp"
    case .udp: "udp"
    case .dccp: "dccp"
    case .ipv6: "6in4"
    case .gre: "gre"
    case .esp: "esp"
    case .authentication: "ah"
    case .icmpv6: "icmpv6"
    case .noNextHeader: "no next header"
    case .sctp: "sctp"
    case .udpLite: "udp-lite"
    default: "protocol \(rawValue)"
    }
  }
}
