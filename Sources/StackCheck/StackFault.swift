/// What can be wrong with a stack, so that packets leave it outside of the tunnel or its kill switch does not stop
/// them.
package struct StackFault: Sendable {
  /// The stable name that reports and policies use.
  package let id: String
  /// One line for people.
  package let title: String
  /// What happens on the wire, and who sees it.
  package let consequence: String
  /// How to fix it.
  package let fix: String
  /// Where it is described: a manual, an RFC, a CVE, or the issue in which it was found.
  package let reference: String

  init(_ id: String, title: String, consequence: String, fix: String, reference: String) {
    self.id = id
    self.title = title
    self.consequence = consequence
    self.fix = fix
    self.reference = reference
  }
}

extension StackFault: Hashable {
  package static func == (left: Self, right: Self) -> Bool { left.id == right.id }

  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension StackFault: CaseIterable {
  package static let allCases = ofTheStart + ofRules + ofConfigurations + ofContainers
}
