/// Why a drill cannot begin or go on: one line that says what to do.
package struct DrillProblem: Error {
  package var kind: Kind
  package var message: String

  package enum Kind: Sendable {
    /// The stack is not one that can be drilled.
    case stack
    /// Something that the drill needs is not there.
    case missing
    /// This process may not do it.
    case permission
    /// It began, and could not be carried out.
    case failed
    /// The user ended it.
    case stopped
  }

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
