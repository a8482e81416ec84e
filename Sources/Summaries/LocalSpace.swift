package import Audit
import Wire

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
