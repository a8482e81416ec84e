import Audit
import Policy
import Wire

/// What several audits found together (CONTRACT 7): associative and commutative, so that an archive can be audited in
/// any parts and added up in any order.
extension Summary {
  /// Why summaries cannot be added.
  package struct MergeError: Error, CustomStringConvertible {
    package let description: String
  }

  /// The sums of this many summaries cannot overflow; more must be merged in steps.
  private static var mostAtOnce: Int { 4096 }

  /// Merges all of them; there must be at least one.
  package static func merged(_ summaries: [Self]) throws(MergeError) -> Self {
    guard summaries.count <= mostAtOnce else {
      throw MergeError(
        description: "more than \(mostAtOnce) summaries at once; report parts of them as JSON, and then those reports")
    }
    guard var merged = summaries.first else { throw MergeError(description: "there is no summary to report") }
    for next in summaries.dropFirst() { merged = try merged.merged(with: next) }
    return merged
  }

  package func merged(with other: Self) throws(MergeError) -> Self {
    guard failOn == other.failOn, scope == other.scope else {
      throw MergeError(
        description:
          "one audit was made with --fail-on \(failOn.rawValue) --scope \(scope.rawValue), another with --fail-on "
          + "\(other.failOn.rawValue) --scope \(other.scope.rawValue): what fails cannot be added up; audit both alike")
    }
    var (merged, other) = (self, other)
    if !joinsLike(other) {
      merged.forgetPackets()
      other.forgetPackets()
    }
    merged.stateSight()
    other.stateSight()
    merged.audits += other.audits
    merged.addCounts(of: other)
    merged.first = Self.earlier(first, other.first)
    merged.last = Self.later(last, other.last)
    merged.leaks = Self.merge(merged.leaks + other.leaks, by: \.identity, LeakEntry.add).sorted(by: LeakEntry.isBefore)
    merged.leakPackets = Self.packets(merged.leakPackets, other.leakPackets)
    merged.tunnelPackets = Self.packets(merged.tunnelPackets, other.tunnelPackets)
    merged.localPackets = Self.packets(merged.localPackets, other.localPackets)
    merged.allowedPackets = Self.packets(merged.allowedPackets, other.allowedPackets)
    merged.failingLeaks = merged.leaks.reduce(0) { $0 + (merged.isFailing($1) ? $1.frames : 0) }
    merged.leakWindows.add(other.leakWindows)
    merged.traffic = Traffic.merge(traffic, other.traffic)
    merged.timeline = (timeline + other.timeline).sorted {
      ($0.time, $0.kind.rawValue, $0.text) < ($1.time, $1.kind.rawValue, $1.text)
    }
    merged.timelineOthers += other.timelineOthers
    merged.capture = Self.sum(capture, other.capture)
    merged.controlFrames = (controlFrames + other.controlFrames).sorted {
      ($0.interface, $0.verdict?.name ?? "") < ($1.interface, $1.verdict?.name ?? "")
    }
    merged.interfaces = Self.merge(merged.interfaces + other.interfaces, by: \.identity, Interface.add)
    merged.tunnelStates = Self.merge(tunnelStates + other.tunnelStates, by: \.identity, TunnelState.add)
    merged.served = Amount(
      frames: served.frames + other.served.frames, bytes: served.bytes.addingSaturating(other.served.bytes))
    merged.localKinds = Self.merge(localKinds + other.localKinds, by: \.identity, Counted.add)
    merged.undeclared = Self.merge(undeclared + other.undeclared, by: \.identity, Counted.add)
    merged.allowedBy = Self.merge(allowedBy + other.allowedBy, by: \.identity, AllowedEntry.add)
    merged.policy = policy.merged(with: other.policy)
    if host != other.host { merged.host = nil }
    merged.unshown = Unshown.merge(unshown, other.unshown)
    let captures = Set((captures ?? []) + (other.captures ?? [])).sorted { ($0.name, $0.sha256) < ($1.name, $1.sha256) }
    merged.captures = captures.isEmpty ? nil : captures
    merged.notices = Self.merge(notices + other.notices, by: \.identity, Notice.add)
    if !policy.isAlike(other.policy) {
      merged.addNotice(.severalPolicies, "The audits had different policies; all of them are listed.")
    }
    // If nobody saw the tunnel on one day, another day on which somebody did does not repair that.
    merged.incomplete = Set(incomplete + other.incomplete).sorted()
    merged.remedies = Self.merge(remedies, other.remedies)
    if merged.tunnel > 0 { merged.notices.removeAll { $0.kind == .noTunnel } }
    merged.conclusion = merged.failingLeaks > 0 ? .leaks : merged.incomplete.isEmpty ? .clean : .incomplete
    return merged
  }

  private mutating func addNotice(_ kind: AuditSummary.Notice.Kind, _ text: String) {
    guard !notices.contains(where: { $0.kind == kind }) else { return }
    notices = Self.merge(notices + [Notice(kind: kind, text: text)], by: \.identity, Notice.add)
  }

  private mutating func addCounts(of other: Self) {
    frames += other.frames
    tunnel += other.tunnel
    local += other.local
    leak += other.leak
    allowed += other.allowed
    ingress += other.ingress
    bytes.add(other.bytes)
  }

  /// Adds up the entries with the same identity; the result is sorted by identity.
  private static func merge<Entry>(
    _ entries: [Entry], by identity: (Entry) -> [String], _ add: (inout Entry, Entry) -> Void
  ) -> [Entry] {
    var merged: [[String]: Entry] = [:]
    for entry in entries {
      let key = identity(entry)
      guard var known = merged.removeValue(forKey: key) else {
        merged[key] = entry
        continue
      }
      add(&known, entry)
      merged[key] = known
    }
    return merged.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  }

  static func earlier(_ one: Timestamp?, _ other: Timestamp?) -> Timestamp? { [one, other].compactMap(\.self).min() }
  static func later(_ one: Timestamp?, _ other: Timestamp?) -> Timestamp? { [one, other].compactMap(\.self).max() }

  private static func packets(_ one: Int?, _ other: Int?) -> Int? {
    one.flatMap { one in other.map { one.addingSaturating($0) } }
  }

  private static func sum(_ one: Capture?, _ other: Capture?) -> Capture? {
    guard let one, let other else { return one ?? other }
    return Capture(
      received: one.received.addingSaturating(other.received),
      droppedByKernel: one.droppedByKernel.addingSaturating(other.droppedByKernel))
  }
}
