package import Audit
package import Policy
package import Wire

/// What an audit found. Formats show it, files keep it, `report` reads it and adds several. In JSON:
/// `"schema": "leakaudit.summary/1"` (CONTRACT 7).
///
/// Counts are frames; `bytes` counts original lengths; times have microseconds.
package struct Summary: Codable, Equatable, Sendable {
  package static let schemaName = "leakaudit.summary/1"
  package var schema = Self.schemaName

  /// The number of audits in it: more than one if summaries were merged.
  package var audits = 1
  package var conclusion: AuditSummary.Conclusion
  package var frames, tunnel, local, leak, allowed, ingress: Int
  package var failingLeaks: Int
  /// The packets that went into tunnels, counted once; absent if that is not certain, and in older summaries.
  package var tunnelPackets: Int?
  /// The packets that stayed local, and those that the policy allowed, counted once; absent if that is not certain, and
  /// in older summaries.
  package var localPackets, allowedPackets: Int?
  /// All leaks in packets, as their entries count them.
  package var leakPackets: Int?
  package var failOn: Severity
  package var scope: AuditSummary.Scope
  package var bytes: Classes
  package var first, last: Timestamp?
  package var leaks: [LeakEntry]
  package var leakWindows: Windows
  /// Absent if there are no frames.
  package var traffic: Traffic?
  package var timeline: [Event]
  /// Events that came after the list was full.
  package var timelineOthers: Int
  /// The counts of a live capture as a whole.
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
  /// What to do about each reason; absent in older summaries.
  package var remedies: [Remedy]?
  package var policy: PolicyDocument
  /// The machine that was watched; absent for captures.
  package var host: String?
  /// The audited captures, if a document is to cite them.
  package var captures: [CaptureFile]?
  /// What only the audit knows about names in its texts, for a later redaction; absent if the texts hold none.
  package var unshown: Unshown?
}

extension Summary {
  package var egress: Int { tunnel + local + leak + allowed }
}
