import Policy
import Wire

/// Which leaks decide the conclusion.
extension Summary {
  /// Whether the leak is only informational: harmless by its circumstances, and `failOn` is not info.
  package func isInformational(_ leak: LeakEntry) -> Bool { leak.severity == .info && failOn > .info }

  /// Whether the leak fails the audit.
  package func isFailing(_ leak: LeakEntry) -> Bool { !leak.isApart && leak.severity >= failOn }

  /// From the first frame to the last, in nanoseconds; nil without frames.
  package var span: Int64? { first.flatMap { first in last.map { ($0 - first).nanoseconds } } }
}
