import ComposeFiles
import Policy
import TextFiles

/// What lets a program in a container reach beyond it, to the engine or to the machine. With such a power it can change
/// the rules of any network namespace.
struct ServicePower {
  enum Kind: Hashable { case engine, machine }

  var kind: Kind
  /// As a person names it.
  var text: String
  var place: SourcePlace
  /// How sure it is that this leads to the rules.
  var severity: Severity
}
