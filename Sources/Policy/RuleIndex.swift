import PacketFilter
public import Wire

/// The rules of a pack. They are tried in their order, but only those that may match at all.
///
/// These rules are derived from the filters' programs (`PacketFilter.outcome`), once for all packets of the same form
/// and the same port intervals: most rules need other ports, or another first byte of the payload. For a packet of any
/// other form every rule is tried. In both cases the result is the same as from trying every filter one by one.
public struct RuleIndex: Sendable {
  /// The maximum number of packet kinds. For packets of further kinds every rule is tried.
  private static var mostKinds: Int { 4096 }
  /// The maximum number of kinds whose trials are listed by the first byte: half a megabyte.
  private static var mostListed: Int { 256 }
  /// The maximum number of port intervals. A pack with more is not indexed.
  private static var mostIntervals: Int { 256 }

  public let rules: [LabelRule]
  private let filters: [PacketFilter?]
  private let labels: [LeakReason]
  private let needsNames: [Bool]
  /// The interval of each port. Empty if there are too many intervals.
  private let intervals: [UInt8]
  /// The ports of each interval.
  private let bounds: [ClosedRange<UInt32>]
  /// The kind, or -1, for each form and pair of intervals. Empty for forms not seen yet.
  private var kinds: [[Int32]]
  /// The range of each kind in `trials`.
  private var runs: [Range<Int>] = []
  private var trials: [Trial] = []
  /// For kinds that flows repeat: where the trials of each first byte begin in `trialsByByte`, or -1.
  private var byBytes: [Int32] = []
  /// The trials of a kind that may match, one bit each, for every value of the first byte.
  private var trialsByByte: [UInt64] = []

  public init(_ rules: [LabelRule]) {
    self.rules = rules
    filters = rules.map(\.filter)
    labels = rules.map(\.label)
    needsNames = rules.map { !$0.serverNames.isEmpty || !$0.queryNames.isEmpty }
    let numbers = filters.reduce(into: Set<UInt32>()) { $0.formUnion($1?.comparedNumbers ?? []) }
    // The result can change at each number, and right after it.
    let starts = Set(numbers.filter { $0 <= 0xFFFF }.flatMap { [$0, $0 + 1] } + [0]).filter { $0 <= 0xFFFF }.sorted()
    bounds = zip(starts, starts.dropFirst().map { $0 - 1 } + [0xFFFF]).map { $0...$1 }
    guard bounds.count <= Self.mostIntervals else {
      (intervals, kinds) = ([], [])
      return
    }
    intervals = bounds.enumerated().flatMap { number, ports in
      repeatElement(UInt8(truncatingIfNeeded: number), count: ports.count)
    }
    kinds = Array(repeating: [], count: Form.count)
  }

  /// The first rule whose filter and names match the packet, which starts with its IP header.
  ///
  /// `form` is nil if the packet has none of the forms. With `label`, only rules of that label are tried.
  public mutating func first(
    _ packet: RawSpan, originalLength: Int, form: Form?, label: LeakReason?, servers: [String],
    questions: [DNSQuestions.Question]
  ) -> Int? {
    guard let form, let kind = kind(of: form) else {
      for rule in rules.indices
      where label.map({ $0 == labels[rule] }) ?? true && names(rule, servers, questions)
        && filters[rule]?.matches(packet, originalLength: originalLength) ?? true
      {
        return rule
      }
      return nil
    }
    let first = packet.byteCount > form.payload ? packet.uint8(at: form.payload) : 0
    for position in runs[kind] {
      guard trials[position].mayMatch(packet, payload: form.payload, first: first) else { continue }
      let rule = Int(trials[position].rule)
      guard label.map({ $0 == labels[rule] }) ?? true, names(rule, servers, questions) else { continue }
      if trials[position].isCertain { return rule }
      if filters[rule]?.matches(packet, originalLength: originalLength) ?? true { return rule }
    }
    return nil
  }

  /// Whether `rule` is the first rule that matches a packet; -1 means that none matches. `rule` must be the result for
  /// an earlier packet of the same flow and form, so rules that match all packets of a flow or none are not evaluated
  /// again. Neither packet has names in it.
  public mutating func repeats(
    _ rule: Int, _ packet: RawSpan, originalLength: Int, form: Form, label: LeakReason?
  ) -> Bool {
    guard let kind = kind(of: form), runs[kind].count <= UInt64.bitWidth else {
      return (first(packet, originalLength: originalLength, form: form, label: label, servers: [], questions: []) ?? -1)
        == rule
    }
    let first = packet.byteCount > form.payload ? packet.uint8(at: form.payload) : 0
    var candidates = candidates(kind, first)
    let trials = trials.span
    let start = runs[kind].lowerBound
    while candidates != 0 {
      let position = start &+ candidates.trailingZeroBitCount
      candidates &= candidates &- 1
      guard trials[position].mayMatch(packet, payload: form.payload, first: first) else { continue }
      let candidate = Int(trials[position].rule)
      if trials[position].isSameForFlow, candidate != rule { continue }
      guard label.map({ $0 == labels[candidate] }) ?? true, !needsNames[candidate] else { continue }
      if trials[position].isSameForFlow || trials[position].isCertain
        || filters[candidate]?.matches(packet, originalLength: originalLength) ?? true
      {
        return candidate == rule
      }
    }
    return rule < 0
  }

  /// The trials of a kind that may match with this first byte and without names: one bit each.
  private mutating func candidates(_ kind: Int, _ first: UInt8) -> UInt64 {
    if kind >= byBytes.count { byBytes += repeatElement(-1, count: kind + 1 - byBytes.count) }
    if byBytes[kind] < 0 {
      guard trialsByByte.count < Self.mostListed * 256 else { return .max >> UInt64(64 - runs[kind].count) }
      byBytes[kind] = Int32(truncatingIfNeeded: trialsByByte.count)
      let run = trials[runs[kind]]
      for byte in UInt8.min ... .max {
        trialsByByte.append(
          zip(0..., run).reduce(into: 0) { list, place in
            let isWanted = place.1.firstBytes.contains(byte) && !needsNames[Int(place.1.rule)]
            if isWanted { list |= 1 << UInt64(place.0) }
          })
      }
    }
    return trialsByByte[Int(byBytes[kind]) + Int(first)]
  }

  private func names(_ rule: Int, _ servers: [String], _ questions: [DNSQuestions.Question]) -> Bool {
    guard needsNames[rule] else { return true }
    if servers.isEmpty, questions.isEmpty { return false }
    return rules[rule].names(servers: servers, questions: questions)
  }

  private mutating func kind(of form: Form) -> Int? {
    guard !intervals.isEmpty, let number = form.number else { return nil }
    let source = Int(intervals[Int(form.sourcePort)])
    let destination = Int(intervals[Int(form.destinationPort)])
    let place = source * bounds.count + destination
    if kinds[number].isEmpty { kinds[number] = Array(repeating: -1, count: bounds.count * bounds.count) }
    if kinds[number][place] >= 0 { return Int(kinds[number][place]) }
    guard runs.count < Self.mostKinds else { return nil }
    kinds[number][place] = Int32(runs.count)
    let start = trials.count
    trials += trials(form, bounds[source], bounds[destination])
    runs.append(start..<trials.count)
    return runs.count - 1
  }

  /// The rules that may match a packet of this form with these ports.
  private func trials(
    _ form: Form, _ sourcePorts: ClosedRange<UInt32>, _ destinationPorts: ClosedRange<UInt32>
  ) -> [Trial] {
    let outline = PacketOutline(form, sourcePorts, destinationPorts)
    var trials: [Trial] = []
    for rule in rules.indices {
      let outcome =
        filters[rule].map { $0.outcome(over: outline) }
        ?? FilterOutcome(mayMatch: .all, isCertain: true, isSameForFlow: true)
      if !outcome.mayMatch.isEmpty { trials.append(Trial(rule, outcome)) }
    }
    return trials
  }
}
