import Policy
import Text

/// Makes few pushes of many alerts, for outlets that call people.
///
/// Alerts of one origin, reason and severity are one group. Its first is pushed at once; what follows is held and pushed as
/// one, after a minute, then two, then four, up to an hour. Once nothing of it came for a while, that is pushed too. All
/// groups together have a budget per hour, of which leaks below `high` may use half, and one origin half of that. Nothing
/// is lost: each alert is in exactly one push. What is held when the program ends leaves then, and what no budget is left
/// for in one push of all.
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
    /// Until when what comes is held.
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
  /// Pushes an hour.
  package static var budget: Int { 30 }
  /// Groups that are told apart; what is beyond is one.
  private static var limit: Int { 256 }

  private let endAfter: Duration
  private var groups: [String: Group] = [:]
  /// When the pushes of the last hour were.
  private var pushes: [(time: Instant, origin: String)] = []

  /// - Parameter endAfter: after how long without an alert a leak has ended.
  package init(endAfter: Duration) { self.endAfter = endAfter }

  /// What is to be pushed at once.
  package mutating func take(_ alert: RenderedAlert, at now: Instant) -> Push? {
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

  /// What is to be pushed by now.
  package mutating func due(at now: Instant) -> [Push] {
    var due: [Push] = []
    for key in groups.keys.sorted() {
      guard var group = groups[key], now >= moment(group) else { continue }
      let hasEnded = now - group.lastAlert >= endAfter
      // That something is over is worth less than that it begins.
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

  /// When something is to be pushed of a group: what it holds, or its end.
  private func moment(_ group: Group) -> Instant {
    let end = group.lastAlert + endAfter
    return max(group.notBefore, group.held > 0 ? min(group.quietUntil, end) : end)
  }

  /// What is held, as the program ends: the worst first.
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
      rest.alert.text = "\(Formatting.count(rest.alerts, "alert")) were held, this kind the worst: \(rest.alert.text)"
      pushes.append(rest)
    }
    return pushes
  }

  /// When `due` is to be asked next; nil where nothing is known.
  package var next: Instant? {
    groups.values.map(moment).min()
  }

  private func key(_ alert: RenderedAlert) -> String {
    let key = "\(9 - alert.severity.rank) \(alert.reason) \(alert.origin)"
    return groups[key] != nil || groups.count < Self.limit ? key : "\(9 - alert.severity.rank)"
  }

  // MARK: Budget

  /// What may be pushed an hour: of all origins, and of one. None can silence the others.
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
  /// Begins with what happened: the title says how bad it is, and the service shows when.
  fileprivate func pushed() -> RenderedAlert {
    var push = self
    push.text = message
    return push
  }

  /// `goesOn`: whether it is known to be no sum of what is over.
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
