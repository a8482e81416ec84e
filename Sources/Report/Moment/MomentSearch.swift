import Audit
import Policy
package import Summaries
package import Wire

/// Collects what each summary knows, one after the other; none has to be kept.
package struct MomentSearch {
  private static let mostFrames = 100

  private let start: Timestamp
  private let end: Timestamp
  private var seen: [MomentDocument.Seen] = []
  private var spans: [(first: Timestamp, last: Timestamp)] = []
  private var before: Timestamp?
  private var after: Timestamp?
  private var evidence: MomentFrames?

  /// The moment begins at `start` and ends before `end`. `evidence`: frames of the same moment.
  package init(from start: Timestamp, to end: Timestamp, evidence: MomentFrames? = nil) {
    self.start = start
    self.end = end
    self.evidence = evidence
  }

  package mutating func look(at summary: Summary, named name: String) {
    guard let first = summary.first, let last = summary.last else { return }
    if last < start {
      before = max(before ?? last, last)
    } else if first >= end {
      after = min(after ?? first, first)
    } else {
      seen.append(saw(summary, name, first, last))
      spans.append((first, last))
    }
  }

  package var document: MomentDocument {
    let conclusions = Set(seen.map(\.conclusion))
    let unseen = unseen
    // Something leaked then that these summaries do not have.
    let isUnexplained = evidence.map { $0.unknown + $0.unchecked > 0 } ?? false
    let worst: AuditSummary.Conclusion =
      conclusions.contains(.leaks)
      ? .leaks : conclusions == [.clean] && unseen.isEmpty && !isUnexplained ? .clean : .incomplete
    return MomentDocument(
      conclusion: worst, at: start, until: end,
      seen: seen.sorted { ($0.first, $0.name) < ($1.first, $1.name) }, unseen: unseen,
      endedBefore: seen.isEmpty ? before : nil,
      beganAfter: seen.isEmpty ? after : nil, otherEvidence: evidence?.unknown,
      uncheckedEvidence: evidence?.unchecked)
  }

  /// Between the packets of a summary somebody watched. Before the first and after the last, nobody is known to have
  /// watched.
  private var unseen: [MomentDocument.Part] {
    var parts: [MomentDocument.Part] = []
    var known = start
    for (first, last) in spans.sorted(by: { $0.first < $1.first }) {
      if first > known { parts.append(.init(from: known, to: first)) }
      known = max(known, last)
    }
    // A second in which a packet came counts as seen.
    if known + .seconds(1) < end || spans.isEmpty {
      parts.append(.init(from: known, to: end))
    }
    return parts
  }

  private mutating func saw(
    _ summary: Summary, _ name: String, _ first: Timestamp, _ last: Timestamp
  ) -> MomentDocument.Seen {
    let steps = Steps(summary.traffic, start, end)
    var sure: [Summary.LeakEntry] = []
    var perhaps: [Summary.LeakEntry] = []
    // If the steps hold no leak, no leak that was seen before and after the moment happened in it.
    for leak in summary.leaks where steps?.leak != 0 {
      guard leak.first < end, leak.last >= start else { continue }
      if leak.first >= start || leak.last < end { sure.append(leak) } else { perhaps.append(leak) }
    }
    // A packet seen on bridge and NIC is one, unless it reached the NIC in another moment.
    func told(_ leaks: [Summary.LeakEntry]) -> [Summary.LeakEntry] {
      leaks.contains { $0.packets != 0 } ? leaks.filter { $0.packets != 0 } : leaks
    }
    let shown = evidence?.frames(of: sure + perhaps) ?? []
    let candidates = sure + perhaps
    // A frame in the evidence proves its leak, if it can be of no other.
    let proven = Set(shown.compactMap { $0.leaks.count == 1 ? $0.leaks.first : nil })
    perhaps = []
    for (index, leak) in candidates.enumerated().dropFirst(sure.count) {
      if proven.contains(index) { sure.append(leak) } else { perhaps.append(leak) }
    }
    (sure, perhaps) = (told(sure), told(perhaps))
    // If only one leak is possible, it happened in the moment.
    if sure.isEmpty, perhaps.count == 1, steps?.leakWithin ?? 0 > 0 { swap(&sure, &perhaps) }
    var incomplete = summary.incomplete
    if steps?.leakWithin ?? 0 > 0, sure.isEmpty, perhaps.isEmpty {
      incomplete.append("leaking frames were counted then, but not which leaks they were")
    }
    if summary.audits > 1, steps?.frames ?? 0 == 0 {
      incomplete.append("it covers several audits, and none of them saw a packet then")
    }
    let fails = sure.contains(where: summary.isFailing)
    // At least one of several leaks happened, and each of them fails the audit.
    let someFail =
      steps?.leakWithin ?? 0 > 0 && !perhaps.isEmpty && perhaps.allSatisfy(summary.isFailing) && sure.isEmpty
      || shown.contains { $0.leaks.allSatisfy { summary.isFailing(candidates[$0]) } }
    let mayFail = perhaps.contains(where: summary.isFailing)
    let conclusion: AuditSummary.Conclusion =
      fails || someFail ? .leaks : mayFail || !incomplete.isEmpty ? .incomplete : .clean
    return MomentDocument.Seen(
      name: name, first: first, last: last, from: steps.map { .init(seconds: $0.from) },
      to: steps.map { .init(seconds: $0.to) },
      frames: steps?.frames, tunnel: steps?.tunnel, leak: steps?.leak, leaks: sure, perhaps: perhaps,
      evidence: evidence == nil
        ? nil : shown.prefix(Self.mostFrames).map { Self.entry($0.frame) },
      events: events(summary), incomplete: incomplete, conclusion: conclusion)
  }

  private static func entry(_ frame: MomentFrames.Frame) -> MomentDocument.Frame {
    let packet = frame.shown.packet
    let hasPort = packet.network == .ip && packet.hasPorts && !packet.isICMP
    return MomentDocument.Frame(
      file: frame.file, frame: frame.number, time: frame.shown.time.inMicroseconds, interface: frame.shown.interface,
      reason: frame.reason, destination: packet.network == .ip ? packet.destination : nil,
      port: hasPort ? Int(packet.destinationPort) : nil)
  }

  /// The events within the moment, and the latest one before it.
  private func events(_ summary: Summary) -> [Summary.Event] {
    let within = summary.timeline.filter { $0.time >= start && $0.time < end }
    let latest = summary.timeline.filter { $0.time < start }.max { $0.time < $1.time }
    return (latest.map { [$0] } ?? []) + within
  }
}

extension MomentSearch {
  /// The steps of a summary's traffic that overlap the moment.
  private struct Steps {
    var from, to: Int64
    var frames, tunnel, leak: Int
    /// Leaking frames in steps that lie entirely within the moment.
    var leakWithin: Int

    init?(_ traffic: Summary.Traffic?, _ start: Timestamp, _ end: Timestamp) {
      guard let traffic, let counted = traffic.counted else { return nil }
      (from, to, frames, tunnel, leak, leakWithin) = (.max, .min, 0, 0, 0, 0)
      for (index, step) in counted.steps.enumerated() {
        let (stepStart, overflow) = traffic.start.seconds.addingReportingOverflow(Int64(index) * traffic.seconds)
        guard !overflow else { return nil }
        let (first, last) = (Self.timestamp(stepStart), Self.timestamp(stepStart + traffic.seconds))
        guard first < end, last > start else { continue }
        from = min(from, stepStart)
        to = max(to, stepStart + traffic.seconds)
        frames += VerdictClass.allCases.reduce(0) { $0 + step[$1.rawValue] }
        tunnel += step[VerdictClass.tunnel.rawValue]
        leak += step[VerdictClass.leak.rawValue]
        if first >= start, last <= end { leakWithin += step[VerdictClass.leak.rawValue] }
      }
      if from == .max { return nil }
    }

    private static func timestamp(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds, nanoseconds: 0) }
  }
}
