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

  /// Returns the position of the finding in which the leak was counted.
  mutating func count(_ leak: Leak, at moment: Timestamp, length: Int) -> Int {
    let index = place(leak.key, leak.severity, frames: 1) { key, isMerged in
      Finding(
        key: key, severity: leak.severity, title: leak.title, time: Span(moment), firstFrame: leak.frameInFile,
        fate: leak.fate, isMerged: isMerged)
    }
    add(leak, to: index, at: moment, length: length)
    return index
  }

  /// Adds a finding that was counted apart, perhaps under another key.
  mutating func merge(_ other: Finding, as key: Finding.Key? = nil) {
    let index = place(key ?? other.key, other.severity, frames: other.count.frames) { key, isMerged in
      Finding(
        key: key, severity: other.severity, title: other.title, time: other.time, firstFrame: other.firstFrame,
        fate: other.fate, isMerged: isMerged)
    }
    list[index].count = list[index].count + other.count
    if other.time.first < list[index].time.first { list[index].firstFrame = other.firstFrame }
    list[index].time.extend(over: other.time)
    list[index].sources.formUnion(other.sources)
    list[index].questions.formUnion(other.questions)
    list[index].details.formUnion(other.details)
    list[index].escaped = list[index].escaped + other.escaped
    list[index].sourcesOnNIC.formUnion(other.sourcesOnNIC)
    list[index].countedElsewhere += other.countedElsewhere
    if other.mayBeElsewhere { list[index].mayBeElsewhere = true }
    if other.fate == .escaped { list[index].fate = .escaped }
    if list[index].decodingError == nil { list[index].decodingError = other.decodingError }
  }

  /// The position of the finding with a key and a severity, which is made if there is none. If there are too many, of
  /// the one that does not tell destinations apart.
  private mutating func place(
    _ key: Finding.Key, _ severity: Severity, frames: Int, make: (Finding.Key, _ isMerged: Bool) -> Finding
  ) -> Int {
    hasNew = false
    if let position = positions[Place(key: key, severity: severity)] { return position }
    let isMerged = toldApart[severity] >= Self.limit
    var key = key
    if isMerged {
      mergedLeaks[severity] += frames
      key = Finding.Key(
        interface: key.interface, origin: key.origin.isHost ? .host : .address, reason: key.reason, rule: key.rule,
        destination: nil, protocolNumber: nil, port: nil, nature: key.nature)
      if let position = positions[Place(key: key, severity: severity)] { return position }
    }
    hasNew = true
    positions[Place(key: key, severity: severity)] = list.count
    toldApart[severity] += 1
    list.append(make(key, isMerged))
    return list.count - 1
  }

  private mutating func add(_ leak: Leak, to index: Int, at moment: Timestamp, length: Int) {
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
    }
    return told
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
