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

  package var fix: String { ownFix ?? fault.fix }
}
