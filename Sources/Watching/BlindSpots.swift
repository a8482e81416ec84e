import Audit
import Report
import Text
import Wire

/// What a watch cannot see now, reported when it begins and when it is over.
///
/// A kill switch can fail just as well while a bridge is gone or the ring is full, so the user must not learn of that
/// only from the summary.
struct BlindSpots {
  /// One thing that cannot be seen, identified by its key.
  struct Spot {
    var key: String
    var text: String
    var action: String
  }

  private struct Held {
    var text: String
    var since: Timestamp
  }

  /// How long dropped frames count as dropped now: further drops in that time are the same event. Otherwise a container
  /// could have somebody called as often as it likes.
  private static let dropWindow = Elapsed.seconds(60)
  /// Silence is normal while a stack starts.
  private static let startupTime = Elapsed.seconds(60)

  private var held: [String: Held] = [:]
  private var dropped: UInt64 = 0
  private var latestDrop: Timestamp?
  private let start: Timestamp

  init(start: Timestamp) { self.start = start }

  /// What must be reported, given what is known now. `gaps` are those of the interfaces; `dropped` counts the kernel's
  /// drops so far.
  mutating func changes(
    _ gaps: [Gap], dropped: UInt64, lostFeed: String?, at now: Timestamp
  ) -> [NoticeDocument] {
    let isYoung = now - start < Self.startupTime
    var spots = gaps.filter { $0.nature == .absent || $0.nature == .unheard && !isYoung }
      .map { Spot(key: $0.text, text: $0.text, action: $0.action) }
    if dropped > self.dropped { latestDrop = now }
    self.dropped = max(dropped, self.dropped)
    if let latestDrop, now - latestDrop < Self.dropWindow {
      spots.append(
        Spot(
          key: "drops", text: "the kernel drops frames, because the capture's buffer is full",
          action: "use a larger --buffer, or give the audit more CPU time"))
    }
    if let lostFeed {
      spots.append(
        Spot(
          key: "feed", text: lostFeed,
          action: "check Docker's engine; until then, alerts show addresses in place of names"))
    }
    return over(Set(spots.map(\.key)), now) + begun(spots, now)
  }

  private mutating func begun(_ spots: [Spot], _ now: Timestamp) -> [NoticeDocument] {
    var told: [NoticeDocument] = []
    for spot in spots where held[spot.key] == nil {
      held[spot.key] = Held(text: spot.text, since: now)
      told.append(.blind("\(spot.text). Do: \(spot.action)", at: now))
    }
    return told
  }

  private mutating func over(_ keys: Set<String>, _ now: Timestamp) -> [NoticeDocument] {
    let ended = held.filter { !keys.contains($0.key) }.sorted { $0.key < $1.key }
    for (key, _) in ended { held[key] = nil }
    return ended.map { _, spot in
      .seeing("again after \(Formatting.duration(nanoseconds: (now - spot.since).nanoseconds)) (\(spot.text))", at: now)
    }
  }
}
