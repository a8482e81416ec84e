package import Audit
package import Wire

/// What kind of local traffic it was; private space that nobody declared is apart (CONTRACT 2, step 8).
package struct LocalSpace: TextCoded, Codable, Hashable, Sendable {
  package var kind: LocalKind

  package init(_ kind: LocalKind) { self.kind = kind }

  package init?(coded text: String) {
    guard let kind = LocalKind.allCases.first(where: { Self($0).coded == text }) else { return nil }
    self.init(kind)
  }

  package var coded: String { kind == .undeclared ? "private, undeclared" : kind.name }
}

/// A prefix of private space that nobody declared, or all beyond those that are told apart.
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
