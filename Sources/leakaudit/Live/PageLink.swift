import Foundation
import Wire

/// The live page's address, for somebody who opens it on a phone.
enum PageLink {
  /// The address for what `--serve` listens at: the first name that was given, else the listening address. Nil if
  /// another machine cannot reach it.
  static func address(_ endpoint: Endpoint, names: [String], isLoopback: Bool) -> String? {
    guard !isLoopback else { return nil }
    if let name = names.first {
      let link = "http://\(name.contains(":") ? "[\(name)]" : name):\(endpoint.port)/"
      return isPlain(link) ? link : nil
    }
    let isUnspecified = endpoint.address.low == 0 && (endpoint.address.isIPv4 || endpoint.address.high == 0)
    return isUnspecified ? nil : "http://\(endpoint)/"
  }

  /// Whether a text is a web address that can be given to any service unchanged.
  static func isPlain(_ text: String) -> Bool {
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"<>|\"`\\".utf8.contains($0) }),
      text.utf8.count <= 1000,
      let parts = URLComponents(string: text, encodingInvalidCharacters: false)
    else { return false }
    return ["http", "https"].contains(parts.scheme?.lowercased()) && parts.host?.isEmpty == false
  }
}
