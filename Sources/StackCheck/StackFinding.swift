package import Policy
package import TextFiles

/// A fault, its place, and what is particular to this stack.
package struct StackFinding: Sendable {
  package var fault: StackFault
  package var severity: Severity
  package var place: SourcePlace
  /// What the line says and does, in one sentence.
  package var message: String
  /// How to fix it, if the fault's usual fix does not help there.
  var ownFix: String?
  /// The packets that get out because of it, where rules and states decide that.
  var letsOut: [LetOut] = []

  package var fix: String { ownFix ?? fault.fix }
}
