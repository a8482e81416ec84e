import Foundation
package import Wire

/// Decides who may send requests, and under which host name.
///
/// The Host must be an address of the connection itself or a stated name. A stranger's page whose own name was made to
/// point here (DNS rebinding) sends a different Host.
package struct AccessCheck: Sendable {
  /// In lower case, without a port.
  private let names: Set<String>
  /// The secret that `Authorization` must give: as Bearer or, as browsers do it, as the password of any user. Nil if
  /// none is needed.
  private let token: [UInt8]?

  package init(names: [String], token: String?) {
    self.names = Set((names + ["localhost", "127.0.0.1", "::1"]).map { $0.lowercased() })
    self.token = token.map { Array($0.utf8) }
  }

  /// The response to a request that may not pass; nil if it may.
  package func refusal(_ head: RequestHead, at local: IPAddress?) -> Response? {
    let hosts = head.values("host")
    guard hosts.count == 1, let host = Self.host(hosts[0]) else {
      return .refusal(.badRequest, "a request must name its Host exactly once")
    }
    guard names.contains(host) || local != nil && IPAddress(host) == local else {
      return .refusal(.misdirected, "this server does not have that name; if it should, state it with --serve-host")
    }
    guard isKnown(head.values("authorization")) else {
      return .refusal(.unauthorized, "a token is required, as Authorization: Bearer or as the password of any user")
    }
    guard head.method == "GET" || head.method == "HEAD" else {
      return .refusal(.methodNotAllowed, "only GET and HEAD: nothing can be changed here")
    }
    guard head.values("transfer-encoding").isEmpty, head.values("content-length").allSatisfy({ $0 == "0" }) else {
      return .refusal(.contentTooLarge, "a request must not have a body")
    }
    return nil
  }

  private func isKnown(_ values: [String]) -> Bool {
    guard let token else { return true }
    guard values.count == 1 else { return false }
    let words = values[0].split(separator: " ", maxSplits: 1)
    guard words.count == 2 else { return false }
    switch words[0].lowercased() {
    case "bearer": return Self.isEqual(Array(words[1].utf8), token)
    case "basic":
      // RFC 7617 section 2: a user without a colon, a colon, and the password.
      guard let pair = Data(base64Encoded: String(words[1])), let colon = pair.firstIndex(of: UInt8(ascii: ":")) else {
        return false
      }
      return Self.isEqual(Array(pair[(colon + 1)...]), token)
    default: return false
    }
  }

  /// Compares in a time that only depends on the length of what was offered.
  static func isEqual(_ offered: [UInt8], _ token: [UInt8]) -> Bool {
    guard !token.isEmpty else { return false }
    var difference = offered.count ^ token.count
    for (index, byte) in offered.enumerated() { difference |= Int(byte ^ token[index % token.count]) }
    return difference == 0
  }

  /// The host without port and brackets, in lower case; nil if the field has none.
  static func host(_ field: String) -> String? {
    var host = field[...]
    if host.first == "[" {
      guard let end = host.firstIndex(of: "]") else { return nil }
      guard isPort(host[host.index(after: end)...]) else { return nil }
      host = host[..<end].dropFirst()
    } else if let colon = host.firstIndex(of: ":") {
      guard isPort(host[colon...]) else { return nil }
      host = host[..<colon]
    }
    if host.last == "." { host = host.dropLast() }
    return host.isEmpty ? nil : host.lowercased()
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty || text.first == ":" && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
