package import Audit
package import Policy
package import Wire

/// What an audit found, as a value that formats show, files keep, and `report` reads and adds up: in JSON
/// `"schema": "leakaudit.summary/1"` (CONTRACT 7).
///
/// Counts are of frames, `bytes` of original lengths; times have microseconds.
package struct Summary: Codable, Equatable, Sendable {
  package static let schemaName = "leakaudit.summary/1"
  package var schema = Self.schemaName

  /// How many audits are in it: more than one where summaries were merged.
  package var audits = 1
  package var conclusion: AuditSummary.Conclusion
  package var frames, tunnel, local, leak, allowed, ingress: Int
  package var failingLeaks: Int
  /// All leaks in packets, as their entries count them.
  package var leakPackets: Int?
  package var failOn: Severity
  package var scope: AuditSummary.Scope
  package var bytes: Classes
  package var first, last: Timestamp?
  package var leaks: [LeakEntry]
  package var leakWindows: Windows
  /// Absent without frames.
  package var traffic: Traffic?
  package var timeline: [Event]
  /// Events that came after the list was full.
  package var timelineOthers: Int
  /// Of a live capture as a whole.
  package var capture: Capture?
  package var controlFrames: [Control]
  package var interfaces: [Interface]
  package var tunnelStates: [TunnelState]
  package var served: Amount
  package var localKinds: [Counted<LocalSpace>]
  package var undeclared: [Counted<UndeclaredSpace>]
  package var allowedBy: [AllowedEntry]
  package var notices: [Notice]
  package var incomplete: [String]
  /// What to do about each of them; absent in older summaries.
  package var remedies: [Remedy]?
  package var policy: PolicyDocument
  /// The machine that was watched; absent for captures.
  package var host: String?
  /// What was audited, where a document is to cite it.
  package var captures: [CaptureFile]?
  /// What only the audit could know of its texts, for whoever redacts them later; absent where they hold nothing of it.
  package var unshown: Unshown?
}

extension Summary {
  package var egress: Int { tunnel + local + leak + allowed }
}
