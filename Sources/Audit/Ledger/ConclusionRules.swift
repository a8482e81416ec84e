public import Policy
public import Wire

/// What decides the conclusion besides the frames themselves.
public struct ConclusionRules: Sendable {
  /// Leaks below this severity are counted and shown, but do not fail the audit.
  public var failOn = Severity.low
  public var requiresTunnel = false
  public var scope = AuditSummary.Scope.stack
  public var capture: CaptureTotals?
  /// When a watch asks for the summary: interfaces that are there count as seen up to then.
  public var moment: Timestamp?
  public var isPolicyInferred = false
  /// The machine that is watched.
  public var host: String?
  /// Files that the user has named.
  public var files: [String] = []
  /// What the sources could not deliver: cut files, skipped interfaces, interfaces of a watch that went away.
  public var gaps: [Gap] = []
  public var notices: [AuditSummary.Notice] = []

  public init() {}
}
