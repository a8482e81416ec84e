import Policy
import Wire

/// All findings of an audit, in bounded memory: beyond `limit` findings of a severity, destinations are no longer told
/// apart, but every leak still counts under its reason and severity. So there are at most 5 times `limit`, and one for
/// each interface, reason and rule.
///
/// What a finding lists (`BoundedSet`) comes from leaks of one severity only.
struct Findings: Sendable {
  static var limit: Int { 4096 }

  private(set) var list: [Finding] = []
  private var positions: [Place: Int] = [:]
  private var toldApart = BySeverity(repeating: 0)
  private(set) var mergedLeaks = BySeverity(repeating: 0)
  /// Rules and circumstances may give one key several severities.
  private struct Place: Hashable {
    var key: Finding.Key
    var severity: Severity

    func hash(into hasher: inout Hasher) { hasher.combine(key) }
  }

  /// Whether the latest leak was the first of its finding.
  private(set) var hasNew = false
  /// Where the latest leak was counted, told apart and merged.
  private var latest = 0
  private var latestMerged = 0

  /// Where a leak is to be counted.
  private enum Home {
    case finding(Int)
    /// A finding that has yet to be made.
    case new(Finding.Key, isMerged: Bool)
  }

  /// Returns the position of the finding in which the leak was counted.
  mutating func count(_ leak: borrowing Leak, at moment: Timestamp, length: Int) -> Int {
    let index =
      switch home(of: leak.key, leak.severity, frames: 1) {
      case .finding(let position): position
      case .new(let key, let isMerged):
        append(
          Finding(
            key: key, severity: leak.severity, title: leak.title, time: Span(moment), firstFrame: leak.frameInFile,
            fate: leak.fate, isMerged: isMerged))
      }
    add(leak, to: index, at: moment, length: length)
    return index
  }

  /// Adds a finding that was counted apart, perhaps under another key.
  mutating func merge(_ other: Finding, as key: Finding.Key? = nil) {
    let index =
      switch home(of: key ?? other.key, other.severity, frames: other.count.frames) {
      case .finding(let position): position
      case .new(let key, let isMerged):
        append(
          Finding(
            key: key, severity: other.severity, title: other.title, time: other.time, firstFrame: other.firstFrame,
            fate: other.fate, isMerged: isMerged))
      }
    list[index].count = list[index].count + other.count
    if other.time.first < list[index].time.first { list[index].firstFrame = other.firstFrame }
    list[index].time.extend(over: other.time)
    list[index].sources.formUnion(other.sources)
    list[index].questions.formUnion(other.questions)
    list[index].details.formUnion(other.details)
    list[index].senders.formUnion(other.senders)
    list[index].escaped = list[index].escaped + other.escaped
    list[index].sourcesOnNIC.formUnion(other.sourcesOnNIC)
    list[index].countedElsewhere += other.countedElsewhere
    if other.mayBeElsewhere { list[index].mayBeElsewhere = true }
    if other.fate == .escaped { list[index].fate = .escaped }
    if list[index].decodingError == nil { list[index].decodingError = other.decodingError }
  }

  /// The finding with a key and a severity. If there are too many, the one that does not tell destinations apart.
  private mutating func home(of key: Finding.Key, _ severity: Severity, frames: Int) -> Home {
    hasNew = false
    if let position = position(of: key, severity, latest: latest) {
      latest = position
      return .finding(position)
    }
    guard toldApart[severity] >= Self.limit else { return .new(key, isMerged: false) }
    mergedLeaks[severity] += frames
    let merged = Finding.Key(
      interface: key.interface, origin: key.origin.isHost ? .host : .address, reason: key.reason, rule: key.rule,
      destination: nil, protocolNumber: nil, port: nil, nature: key.nature)
    guard let position = position(of: merged, severity, latest: latestMerged) else {
      return .new(merged, isMerged: true)
    }
    latestMerged = position
    return .finding(position)
  }

  /// Leaks come in rows of one finding, and to compare a key costs less than to hash it.
  private func position(of key: Finding.Key, _ severity: Severity, latest: Int) -> Int? {
    if latest < list.count, list[latest].severity == severity, list[latest].key == key { return latest }
    return positions[Place(key: key, severity: severity)]
  }

  private mutating func append(_ finding: Finding) -> Int {
    hasNew = true
    positions[Place(key: finding.key, severity: finding.severity)] = list.count
    toldApart[finding.severity] += 1
    list.append(finding)
    return list.count - 1
  }

  private mutating func add(_ leak: borrowing Leak, to index: Int, at moment: Timestamp, length: Int) {
    list[index].count.add(length)
    list[index].time.extend(to: moment)
    if leak.isOwnPacket == nil { list[index].mayBeElsewhere = true }
    if let source = leak.source { list[index].sources.insert(source) }
    for question in leak.questions { list[index].questions.insert(question) }
    list[index].questions.lose(leak.lostQuestions)
    for detail in leak.details { list[index].details.insert(detail) }
    if list[index].decodingError == nil { list[index].decodingError = leak.decodingError }
  }

  /// Notes that packets of a finding on the NIC are those of another finding, on a bridge, whose flows they continue.
  mutating func join(_ nic: Int, to bridge: Int, _ count: Count, source: IPAddress? = nil) {
    list[bridge].escaped = list[bridge].escaped + count
    list[bridge].fate = .escaped
    if let source { list[bridge].sourcesOnNIC.insert(source) }
    // The first stays: the order in which known flows are settled must not matter.
    if list[bridge].otherSide < 0 { list[bridge].otherSide = Int32(truncatingIfNeeded: nic) }
    if list[nic].otherSide < 0 { list[nic].otherSide = Int32(truncatingIfNeeded: bridge) }
    list[Self.milder(nic, bridge, in: list)].countedElsewhere += count.frames
  }

  /// Of two findings with the same packets, the one that does not report them.
  private static func milder(_ nic: Int, _ bridge: Int, in list: [Finding]) -> Int {
    list[nic].severity > list[bridge].severity ? bridge : nic
  }

  /// The findings with each packet counted once. Flows are joined, not packets: if the NIC showed more of a flow than
  /// the bridge, the rest are packets that the bridge did not show.
  var withPackets: [Finding] {
    var told = list
    for bridge in told.indices {
      let surplus = told[bridge].escaped.frames - told[bridge].count.frames
      let nic = Int(told[bridge].otherSide)
      guard surplus > 0, nic >= 0 else { continue }
      told[Self.milder(nic, bridge, in: told)].countedElsewhere -= surplus
    }
    for index in told.indices {
      told[index].countedElsewhere = min(max(0, told[index].countedElsewhere), told[index].count.frames)
    }
    // Keep what only the side that is not reported has named.
    for index in told.indices where told[index].packets == 0 && told[index].otherSide >= 0 {
      let other = Int(told[index].otherSide)
      told[other].questions.formUnion(told[index].questions)
      told[other].details.formUnion(told[index].details)
      told[other].senders.formUnion(told[index].senders)
    }
    return told
  }

  /// Lists who sent a leak that is counted. Nothing if the finding is gone, because its leaks turned out to be none.
  mutating func note(_ sent: SentLeak) {
    guard let position = positions[Place(key: sent.key, severity: sent.severity)] else { return }
    for sender in sent.senders { list[position].senders.insert(sender) }
  }

  /// Counts more leaks that are like one in the finding.
  mutating func add(_ count: Count, to index: Int, over time: Span) {
    list[index].count = list[index].count + count
    list[index].time.extend(over: time)
    if list[index].isMerged { mergedLeaks[list[index].severity] += count.frames }
  }

  /// Counts a later fragment with its first.
  mutating func countFragment(of index: Int, at moment: Timestamp, length: Int) {
    hasNew = false
    list[index].count.add(length)
    list[index].time.extend(to: moment)
  }
}
