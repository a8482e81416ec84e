public import Policy
public import Wire

/// Decides which leaks are told at once and which are summed up, so that a flood drowns neither operator nor disk.
///
/// The first leak of an origin, reason and destination passes at once; what is like it is counted and told at intervals.
/// New kinds pass at a bounded rate (a token bucket in the packets' own time) and in a bounded number; the rest is
/// counted, and told as a number. Every leak is in exactly one alert in the end.
public struct AlertGate: Sendable {
  private struct Key: Hashable {
    var origin: Origin
    var reason: LeakReason
    var destination: IPAddress?
    /// What is told as harmless must not hide what is not.
    var severity: Severity
  }

  private struct Known {
    /// What the next summing-up tells; its count is zero right after one.
    var pending: Alert
    var hasEscaped: Bool
  }

  /// Kinds that are told apart.
  public static var limit: Int { 4096 }
  /// New kinds that are told at once: so many in a burst, and so many a second after it.
  private static var burst: Int64 { 100 }
  private static var rate: Int64 { 20 }
  /// Kinds that one summing-up tells apart; the rest is one number.
  private static var linesPerSum: Int { 50 }

  private var known: [Key: Known] = [:]
  /// Keys with something pending, in order of arrival.
  private var waiting: [Key] = []
  private var suppressed: Alert?
  private var tokens = AlertGate.burst
  private var refilled: Timestamp?
  private let reasons: Set<LeakReason>
  private let scope: AuditSummary.Scope

  /// Leaks of other reasons than `reasons` (empty: all) or out of scope raise no alert; the audit counts them all the same.
  public init(only reasons: Set<LeakReason> = [], scope: AuditSummary.Scope) {
    self.reasons = reasons
    self.scope = scope
  }

  /// Whether notices (semantics 5) are to be told beside leaks.
  public var tellsNotices: Bool { reasons.isEmpty }

  /// What to tell at once, if anything.
  public mutating func pass(_ leak: Leak, frame: Int, at moment: Timestamp) -> Alert? {
    guard reasons.isEmpty || reasons.contains(leak.key.reason), scope.holds(leak.key.origin) else { return nil }
    var alert = Alert(leak, frame: frame, at: moment)
    let key = Key(
      origin: leak.key.origin, reason: leak.key.reason, destination: leak.key.destination, severity: leak.severity)
    guard var entry = known[key] else {
      guard known.count < Self.limit, takeToken(at: moment) else {
        suppress(alert)
        return nil
      }
      var pending = alert
      pending.count = Count()
      known[key] = Known(pending: pending, hasEscaped: leak.fate == .escaped)
      return alert
    }
    if leak.fate == .escaped, !entry.hasEscaped {
      entry.hasEscaped = true
      known[key] = entry
      alert.kind = .escaped
      return alert
    }
    if entry.pending.count.frames == 0 {
      waiting.append(key)
      entry.pending = alert
      entry.pending.kind = .repeated
    } else {
      entry.pending.add(alert)
    }
    known[key] = entry
    return nil
  }

  /// What came since the last summing-up.
  public mutating func sumUp() -> [Alert] {
    var alerts: [Alert] = []
    for key in waiting {
      guard var entry = known[key] else { continue }
      if alerts.count < Self.linesPerSum { alerts.append(entry.pending) } else { suppress(entry.pending) }
      entry.pending.count = Count()
      known[key] = entry
    }
    waiting.removeAll(keepingCapacity: true)
    if let suppressed { alerts.append(suppressed) }
    suppressed = nil
    return alerts
  }

  private mutating func suppress(_ alert: Alert) {
    if suppressed == nil {
      suppressed = alert
      suppressed?.kind = .suppressed
    } else {
      suppressed?.add(alert)
    }
  }

  private mutating func takeToken(at moment: Timestamp) -> Bool {
    let elapsed = refilled.map { moment - $0 }
    if let elapsed, elapsed >= .zero {
      // A second fills as many as a second may bring; ten seconds fill the bucket whatever the rate.
      let earned = min(elapsed, .seconds(10)).nanoseconds * Self.rate / 1_000_000_000
      if earned > 0 {
        tokens = min(Self.burst, tokens + earned)
        refilled = moment
      }
    } else {
      // The first leak, or a clock that was set back.
      refilled = moment
    }
    guard tokens > 0 else { return false }
    tokens -= 1
    return true
  }
}

extension Alert {
  fileprivate mutating func add(_ other: Self) {
    count = count + other.count
    time.extend(over: other.time)
    severity = max(severity, other.severity)
    if other.fate == .escaped { fate = .escaped }
  }
}
