import Policy
import Text

/// Turns many alerts into few pushes, for outlets that call people.
///
/// Alerts of one origin, reason and severity form a group. The first is pushed at once. Later ones are held and pushed
/// as one, after a minute, then two, then four, up to an hour. When a group has had no alert for a while, its end is
/// pushed, too. All groups share a budget per hour; leaks below `high` may use half of it, and one origin half of that.
/// Nothing is lost: each alert is in exactly one push. When the program ends, held alerts are pushed; those that exceed
/// the budget share a single push.
package struct PushGroups: Sendable {
  /// One push, and how many alerts it stands for.
  package struct Push: Sendable {
    package var alert: RenderedAlert
    package var alerts: Int
  }

  package typealias Instant = ContinuousClock.Instant

  private struct Group {
    var latest: RenderedAlert
    var held = 0
    /// Alerts are held until then.
    var quietUntil: Instant
    /// When there is budget again.
    var notBefore: Instant
    var interval = PushGroups.firstInterval
    var lastPush: Instant
    var lastAlert: Instant
  }

  private static var firstInterval: Duration { .seconds(60) }
  private static var longestInterval: Duration { .seconds(3600) }
  private static var hour: Duration { .seconds(3600) }
  /// The most pushes per hour.
  package static var budget: Int { 30 }
  /// The most separate groups; further ones are merged.
  private static var limit: Int { 256 }

  private let endAfter: Duration
  private var groups: [String: Group] = [:]
  /// When the pushes of the last hour were made, and their origins.
  private var pushes: [(time: Instant, origin: String)] = []

  /// - Parameter endAfter: a leak has ended after this long without an alert.
  package init(endAfter: Duration) { self.endAfter = endAfter }

  /// Adds an alert to its group; returns what must be pushed at once.
  package mutating func add(_ alert: RenderedAlert, at now: Instant) -> Push? {
    let key = key(alert)
    guard var group = groups[key] else {
      let isAffordable = spend(alert.severity, alert.origin, at: now)
      groups[key] = Group(
        latest: alert, held: isAffordable ? 0 : 1, quietUntil: isAffordable ? now + Self.firstInterval : now,
        notBefore: isAffordable ? now : refill(alert.severity, alert.origin, at: now), lastPush: now, lastAlert: now)
      return isAffordable ? Push(alert: alert.pushed(), alerts: 1) : nil
    }
    group.lastAlert = now
    group.latest = alert
    group.held += 1
    groups[key] = group
    return nil
  }

  /// The pushes that are due by now.
  package mutating func due(at now: Instant) -> [Push] {
    var due: [Push] = []
    for key in groups.keys.sorted() {
      guard var group = groups[key], now >= moment(group) else { continue }
      let hasEnded = now - group.lastAlert >= endAfter
      // The end of a leak is worth less than its beginning.
      let severity = group.held > 0 ? group.latest.severity : .low
      let isSilent = group.held == 0 && !group.latest.isLeak
      guard isSilent || spend(severity, group.latest.origin, at: now) else {
        group.notBefore = refill(severity, group.latest.origin, at: now)
        groups[key] = group
        continue
      }
      if !isSilent { due.append(push(group, hasEnded, at: now)) }
      group.held = 0
      group.lastPush = now
      group.interval = min(group.interval * 2, Self.longestInterval)
      group.quietUntil = now + group.interval
      groups[key] = hasEnded ? nil : group
    }
    return due
  }

  private func push(_ group: Group, _ hasEnded: Bool, at now: Instant) -> Push {
    let alert =
      hasEnded && group.latest.isLeak
      ? group.latest.ended(for: now - group.lastAlert, held: group.held)
      : group.latest.pushed(sum: group.held, over: now - group.lastPush, goesOn: true)
    return Push(alert: alert, alerts: group.held)
  }

  /// When the group's next push is due: for what it holds, or for its end.
  private func moment(_ group: Group) -> Instant {
    let end = group.lastAlert + endAfter
    return max(group.notBefore, group.held > 0 ? min(group.quietUntil, end) : end)
  }

  /// The held alerts when the program ends, the worst first.
  package mutating func flush(at now: Instant) -> [Push] {
    defer { groups = [:] }
    var pushes: [Push] = []
    var rest: Push?
    for group in groups.sorted(by: { $0.key < $1.key }).map(\.value) where group.held > 0 {
      let push = Push(
        alert: group.latest.pushed(sum: group.held, over: now - group.lastPush, goesOn: false), alerts: group.held)
      if spend(group.latest.severity, group.latest.origin, at: now) {
        pushes.append(push)
      } else {
        rest = Push(alert: rest?.alert ?? push.alert, alerts: (rest?.alerts ?? 0) + push.alerts)
      }
    }
    if var rest {
      rest.alert.text = "\(Formatting.count(rest.alerts, "alert")) were held back; the worst kind: \(rest.alert.text)"
      pushes.append(rest)
    }
    return pushes
  }

  /// When to call `due` next; nil if there are no groups.
  package var next: Instant? {
    groups.values.map(moment).min()
  }

  private func key(_ alert: RenderedAlert) -> String {
    let key = "\(9 - alert.severity.rank) \(alert.reason) \(alert.origin)"
    return groups[key] != nil || groups.count < Self.limit ? key : "\(9 - alert.severity.rank)"
  }

  // MARK: Budget

  /// The pushes allowed per hour, for all origins together and for one. No origin can silence the others.
  private func shares(_ severity: Severity) -> (all: Int, own: Int) {
    let all = severity >= .high ? Self.budget : Self.budget / 2
    return (all, all / 2)
  }

  private mutating func spend(_ severity: Severity, _ origin: String, at now: Instant) -> Bool {
    pushes.removeAll { now - $0.time >= Self.hour }
    let shares = shares(severity)
    guard pushes.count < shares.all, pushes.count(where: { $0.origin == origin }) < shares.own else { return false }
    pushes.append((now, origin))
    return true
  }

  /// When there is budget again.
  private func refill(_ severity: Severity, _ origin: String, at now: Instant) -> Instant {
    let shares = shares(severity)
    let own = pushes.filter { $0.origin == origin }
    func end(_ pushes: [(time: Instant, origin: String)], _ share: Int) -> Instant? {
      let excess = pushes.count - share
      return pushes.indices.contains(excess) ? pushes[excess].time + Self.hour : nil
    }
    return [end(pushes, shares.all), end(own, shares.own)].compactMap(\.self).max() ?? now + Self.firstInterval
  }
}

extension RenderedAlert {
  /// A push begins with what happened: the title says how bad it is, and the service shows when.
  fileprivate func pushed() -> RenderedAlert {
    var push = self
    push.text = message
    return push
  }

  /// `goesOn`: whether the alerts are known to be continuing.
  fileprivate func pushed(sum: Int, over length: Duration, goesOn: Bool) -> RenderedAlert {
    guard sum > 1 else { return pushed() }
    var push = self
    push.title = isLeak && goesOn ? "still leaking: \(title)" : title
    push.text = "\(Formatting.count(sum, "alert")) in \(length.text), the latest: \(message)"
    return push
  }

  fileprivate func ended(for length: Duration, held: Int) -> RenderedAlert {
    var push = self
    push.severity = .low
    push.title = "no longer seen: \(title)"
    let before = held > 0 ? " after \(Formatting.count(held, "more alert"))" : ""
    push.text = "Nothing more of it for \(length.text)\(before). The latest was: \(message)"
    return push
  }
}
