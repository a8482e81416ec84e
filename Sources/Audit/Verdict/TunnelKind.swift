import Policy
public import Wire

/// What a tunnel packet is, judged from outside.
public enum TunnelKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case initiation, response, cookie, data, keepalive
  /// Sent by a WireGuard server on the audited side.
  case served
  /// A later part of a fragmented message.
  case fragment
  /// Accepted by address and port alone, because the policy says not to check the shape.
  case unchecked
  /// To an OpenVPN server, by address, port and protocol alone.
  case openVPN
  /// What AmneziaWG sends before an initiation.
  case junk

  public init(_ message: WireGuardMessage, payloadLength: Int) {
    switch message {
    case .initiation: self = .initiation
    case .response: self = .response
    case .cookie: self = .cookie
    case .data: self = payloadLength == WireGuardMessage.keepaliveLength ? .keepalive : .data
    }
  }

  /// Nil for a kind that is not a single message.
  var message: WireGuardMessage? {
    switch self {
    case .initiation: .initiation
    case .response: .response
    case .cookie: .cookie
    case .data, .keepalive: .data
    case .served, .fragment, .unchecked, .openVPN, .junk: nil
    }
  }

  public var name: String {
    switch self {
    case .initiation: "initiation"
    case .response: "response"
    case .cookie: "cookie"
    case .data: "data"
    case .keepalive: "keepalive"
    case .served: "served"
    case .fragment: "fragment"
    case .unchecked: "unchecked"
    case .openVPN: "openvpn"
    case .junk: "junk"
    }
  }
}
