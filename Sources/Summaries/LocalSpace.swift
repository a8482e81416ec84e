package import Audit
package import Wire

/// The kind of local traffic; private space that nobody declared is a kind of its own (CONTRACT 2, step 8).
package struct LocalSpace: TextCoded, Codable, Hashable, Sendable {
  package var kind: LocalKind

  package init(_ kind: LocalKind) { self.kind = kind }

  package init?(coded text: String) {
    guard let kind = LocalKind.allCases.first(where: { Self($0).coded == text }) else { return nil }
    self.init(kind)
  }

  package var coded: String { kind == .undeclared ? "private, undeclared" : kind.name }
}

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
