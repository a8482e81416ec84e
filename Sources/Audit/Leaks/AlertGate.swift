public import Policy
public import Wire

/// Decides which leaks are reported at once and which in summaries, so that a flood drowns neither operator nor disk.
///
/// The first leak of an origin, reason and destination passes at once, and the first that another container of that origin
/// is known to have sent; later ones like it are counted and reported at intervals. New kinds pass at a bounded rate (a
/// token bucket in the packets' own time) and in a bounded number; the others are only reported as a number. Every leak
/// ends up in exactly one alert.
///
/// Each severity has its own share of all that (CONTRACT 3): memory holds 5 times `limit` kinds and a few more alerts,
/// a kilobyte or two each.
public struct AlertGate: Sendable {
  private struct Key: Hashable {
    var origin: Origin
    var reason: LeakReason
    var destination: IPAddress?
    /// A harmless kind must not hide one that is not.
    var severity: Severity
  }

  private struct Known {
    /// What the next summary reports; its count is zero right after one.
    var pending: Alert
    var hasEscaped: Bool
    /// The containers that were told as senders; at most `mostContainers`.
    var containers: Set<String>
  }

  /// What one severity may use, and what waits to be reported.
  fileprivate struct Share {
    var known = 0
    var tokens = AlertGate.burst
    var refilled: Timestamp?
    /// By reason, so that none is reported under another one's name.
    var suppressed: [LeakReason: Alert] = [:]
  }

  /// How many kinds of a severity are told apart.
  public static var limit: Int { 4096 }
  /// How many containers that send one kind are told apart.
  private static var mostContainers: Int { 16 }
  /// How many new kinds of a severity are reported at once: a burst, and then so many a second.
  fileprivate static var burst: Int64 { 100 }
  fileprivate static var rate: Int64 { 20 }
  /// How many kinds of a severity one summary lists; the rest is one number for each reason.
  private static var linesPerSum: Int { 50 }

  private var known: [Key: Known] = [:]
  /// Keys with something pending, in order of arrival.
  private var waiting: [Key] = []
  private var shares = BySeverity(repeating: Share())
  private let reasons: Set<LeakReason>
  private let scope: AuditSummary.Scope

  /// Leaks whose reason is not in `reasons` (empty: all) or that are out of scope raise no alert; the audit still
  /// counts them.
  public init(only reasons: Set<LeakReason> = [], scope: AuditSummary.Scope) {
    self.reasons = reasons
    self.scope = scope
  }

  /// Whether notices (CONTRACT 5) are reported besides leaks: a list of reasons suppresses them.
  public var tellsNotices: Bool { reasons.isEmpty }

  /// Passes a leak, and who sent it. Returns the alert to report at once, if any.
  public mutating func pass(
    _ leak: Leak, frame: Int, at moment: Timestamp, from senders: [LeakSender] = []
  ) -> Alert? {
    var alert = Alert(leak, frame: frame, at: moment)
    alert.senders = senders
    return pass(leak, alert)
  }

  /// Passes leaks that are counted together.
  public mutating func pass(_ repeated: LeakRepeat) -> Alert? {
    var alert = Alert(repeated.leak, frame: repeated.frame, at: repeated.time.first)
    alert.count = repeated.count
    alert.packets = repeated.leak.isOwnPacket.map { $0 ? repeated.count.frames : 0 }
    alert.time = repeated.time
    return pass(repeated.leak, alert)
  }

  private mutating func pass(_ leak: Leak, _ told: Alert) -> Alert? {
    guard reasons.isEmpty || reasons.contains(leak.key.reason), scope.holds(leak.key.origin) else { return nil }
    var alert = told
    let moment = alert.time.first
    let key = Key(
      origin: leak.key.origin, reason: leak.key.reason, destination: leak.key.destination, severity: leak.severity)
    let containers = Set(alert.senders.compactMap(\.container))
    guard var entry = known[key] else {
      guard shares[key.severity].known < Self.limit, shares[key.severity].takeToken(at: moment) else {
        shares[key.severity].suppress(alert)
        return nil
      }
      shares[key.severity].known += 1
      var pending = alert
      pending.empty()
      pending.senders = []
      known[key] = Known(pending: pending, hasEscaped: leak.fate == .escaped, containers: containers)
      return alert
    }
    if leak.fate == .escaped, !entry.hasEscaped {
      entry.hasEscaped = true
      known[key] = entry
      alert.kind = .escaped
      return alert
    }
    if !containers.isSubset(of: entry.containers), entry.containers.count < Self.mostContainers,
      shares[key.severity].takeToken(at: moment)
    {
      entry.containers.formUnion(containers)
      known[key] = entry
      return alert
    }
    // What comes again is told together, whoever sent it.
    alert.senders = []
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

  /// Reports what came since the last summary.
  public mutating func sumUp() -> [Alert] {
    var alerts: [Alert] = []
    var lines = BySeverity(repeating: 0)
    for key in waiting {
      guard var entry = known[key] else { continue }
      if lines[key.severity] < Self.linesPerSum {
        lines[key.severity] += 1
        alerts.append(entry.pending)
      } else {
        shares[key.severity].suppress(entry.pending)
      }
      entry.pending.empty()
      known[key] = entry
    }
    waiting.removeAll(keepingCapacity: true)
    for severity in Severity.worstFirst {
      alerts += shares[severity].suppressed.values.sorted { $0.reason.rawValue < $1.reason.rawValue }
      shares[severity].suppressed = [:]
    }
    return alerts
  }
}

extension AlertGate.Share {
  mutating func suppress(_ alert: Alert) {
    if suppressed[alert.reason]?.add(alert) != nil { return }
    suppressed[alert.reason] = alert
    suppressed[alert.reason]?.kind = .suppressed
  }

  mutating func takeToken(at moment: Timestamp) -> Bool {
    let elapsed = refilled.map { moment - $0 }
    if let elapsed, elapsed >= .zero {
      // Tokens refill at `rate` a second. A longer pause counts as ten seconds: they fill the bucket anyway.
      let earned = min(elapsed, .seconds(10)).nanoseconds * AlertGate.rate / 1_000_000_000
      if earned > 0 {
        tokens = min(AlertGate.burst, tokens + earned)
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
  fileprivate mutating func empty() { (count, packets) = (Count(), 0) }

  fileprivate mutating func add(_ other: Self) {
    count = count + other.count
    packets = packets.flatMap { own in other.packets.map { own + $0 } }
    time.extend(over: other.time)
    if other.fate == .escaped { fate = .escaped }
  }
}
