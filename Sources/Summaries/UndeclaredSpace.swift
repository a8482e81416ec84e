import Audit
package import Wire

/// A prefix of private space that nobody declared, or all prefixes that are not listed separately.
package enum UndeclaredSpace: TextCoded, Codable, Hashable, Sendable {
  case prefix(IPPrefix)
  case further

  package init?(coded text: String) {
    if let prefix = IPPrefix(text) {
      self = .prefix(prefix)
    } else if text == Self.further.coded {
      self = .further
    } else {
      return nil
    }
  }

  package var coded: String {
    switch self {
    case .prefix(let prefix): "\(prefix)"
    case .further: "further prefixes"
    }
  }
}
