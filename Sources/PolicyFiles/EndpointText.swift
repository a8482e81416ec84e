package import Policy
import TextFiles
package import Wire

/// An endpoint as people write it: an address or a host name, and a port.
package enum EndpointText: Hashable, Sendable {
  case address(Endpoint)
  /// The name without a trailing dot.
  case name(String, port: UInt16)

  /// The required form of an IPv6 address.
  package enum Style: Sendable {
    /// In brackets. `2001:db8::5:1` alone could be an address without port, so it is refused.
    case bracketed
    /// As wg(8) accepts it: without brackets, the port follows the last colon.
    case wireGuard
  }

  /// WireGuard's usual port: what its documentation and most providers use.
  package static var usualPort: UInt16 { 51820 }

  /// The text with the usual port, if it is an address or a name without one; nil otherwise.
  package static func withUsualPort(_ text: String) -> String? {
    let isBare = text.first == "[" ? text.last == "]" : !text.contains(":")
    return isBare ? "\(text):\(usualPort)" : nil
  }

  /// The text without a `/udp` or `/tcp` at its end, and the transport that this names, if any.
  package static func splitTransport(_ text: String) -> (rest: String, transport: TunnelEndpoint.Transport?) {
    for transport in TunnelEndpoint.Transport.allCases where text.lowercased().hasSuffix("/\(transport.rawValue)") {
      return (String(text.dropLast(transport.rawValue.count + 1)), transport)
    }
    return (text, nil)
  }

  /// Reads `192.0.2.1:51820`, `[2001:db8::1]:51820` or `vpn.example.org:51820`. A zone (`%eth0`) is dropped:
  /// it is not on the wire. Throws a sentence that says what is wrong.
  package init(_ text: some StringProtocol, style: Style = .bracketed) throws(EndpointTextError) {
    let host: Substring
    let port: Substring
    let text = Substring(text)
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { throw .init("it has no closing bracket") }
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.first == ":" else { throw .init("it has no port after the bracket") }
      port = rest.dropFirst()
      guard let address = IPAddress(host.prefix { $0 != "%" }), !address.isIPv4 else {
        throw .init("the text in brackets is not an IPv6 address")
      }
      self = .address(try Self.usable(address, port: port))
      return
    }
    guard let colon = text.lastIndex(of: ":") else { throw .init("it has no port") }
    host = text[..<colon]
    port = text[text.index(after: colon)...]
    if host.contains(":") {
      guard style == .wireGuard else { throw .init("an IPv6 address needs brackets, as in [2001:db8::1]:51820") }
      guard let address = IPAddress(host.prefix { $0 != "%" }) else { throw .init("it has no valid IPv6 address") }
      self = .address(try Self.usable(address, port: port))
    } else if let address = IPAddress(host) {
      self = .address(try Self.usable(address, port: port))
    } else if host.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }) {
      throw .init("it has no valid IPv4 address")
    } else {
      guard let name = hostName(host) else { throw .init("it has neither an address nor a host name") }
      self = .name(name, port: try Self.number(port))
    }
  }

  private static func usable(_ address: IPAddress, port: Substring) throws(EndpointTextError) -> Endpoint {
    guard !address.isUnspecified else { throw .init("nothing can be sent to \(address)") }
    return Endpoint(address: address, port: try number(port))
  }

  private static func number(_ text: Substring) throws(EndpointTextError) -> UInt16 {
    guard let port = decimal(text, UInt16.self), port > 0 else {
      throw .init("its port is not a number from 1 to 65535")
    }
    return port
  }
}

/// Why a text is no endpoint, as a clause that can follow "…, because".
package struct EndpointTextError: Error, Hashable, Sendable {
  package let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A host name within the limits of RFC 1123 section 2.1, without its trailing dot. Underscores are allowed, as
/// resolvers allow them. Nil for anything else.
func hostName(_ text: some StringProtocol) -> String? {
  let name = text.hasSuffix(".") ? String(text.dropLast()) : String(text)
  let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  guard name.utf8.count <= 253 else { return nil }
  for label in labels {
    guard (1...63).contains(label.count) else { return nil }
    let fits = label.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: false
      }
    }
    guard fits else { return nil }
  }
  return name
}
