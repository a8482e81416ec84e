package import PacketFilter
public import Wire

/// The rules of a pack. They are tried in their order, but only those that may match at all.
///
/// These rules are derived from the filters' programs (`PacketFilter.outcome`), once for all packets of the same form
/// and the same port intervals: most rules need other ports, or another first byte of the payload. For a packet of any
/// other form every rule is tried. In both cases the result is the same as from trying every filter one by one.
public struct RuleIndex: Sendable {
  /// A whole TCP or UDP packet, without IP options or extension headers.
  public struct Form: Sendable, BitwiseCopyable {
    public var isIPv6: Bool
    public var isTCP: Bool
    /// The length of the TCP or UDP header, in bytes.
    public var headerLength: Int
    public var sourcePort: UInt16
    public var destinationPort: UInt16

    public init(isIPv6: Bool, isTCP: Bool, headerLength: Int, sourcePort: UInt16, destinationPort: UInt16) {
      self.isIPv6 = isIPv6
      self.isTCP = isTCP
      self.headerLength = headerLength
      self.sourcePort = sourcePort
      self.destinationPort = destinationPort
    }

    /// The payload's offset from the beginning of the IP header.
    var payload: Int { (isIPv6 ? 40 : 20) + headerLength }

    /// The form's number: one for each IP version and each length that a TCP header may have (RFC 9293 section 3.1), or
    /// UDP. Nil for any other length.
    public var number: Int? {
      guard isTCP ? (20...60).contains(headerLength) && headerLength % 4 == 0 : headerLength == 8 else { return nil }
      return (isTCP ? headerLength / 4 - 4 : 0) * 2 + (isIPv6 ? 1 : 0)
    }
    static var count: Int { 24 }
  }

  /// A rule that may match, and the values of the payload's first byte with which it may.
  private struct Trial: Sendable, BitwiseCopyable {
    var rule: Int32
    var firstBytes: ByteSet
    var matchesAny: Bool
    var isCertain: Bool
    /// Whether the rule matches either all packets of a flow or none.
    var isSameForFlow: Bool
  }

  /// The maximum number of packet kinds. For packets of further kinds every rule is tried.
  private static var mostKinds: Int { 4096 }
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
    let hasFirst = packet.byteCount > form.payload
    let first = hasFirst ? packet.uint8(at: form.payload) : 0
    for position in runs[kind] {
      guard hasFirst ? trials[position].firstBytes.contains(first) : trials[position].matchesAny else { continue }
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
    guard let kind = kind(of: form) else {
      return (first(packet, originalLength: originalLength, form: form, label: label, servers: [], questions: []) ?? -1)
        == rule
    }
    let hasFirst = packet.byteCount > form.payload
    let first = hasFirst ? packet.uint8(at: form.payload) : 0
    let trials = trials.span
    for position in runs[kind] {
      guard hasFirst ? trials[position].firstBytes.contains(first) : trials[position].matchesAny else { continue }
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
      guard !outcome.mayMatch.isEmpty else { continue }
      trials.append(
        Trial(
          rule: Int32(truncatingIfNeeded: rule), firstBytes: outcome.mayMatch, matchesAny: outcome.mayMatch == .all,
          isCertain: outcome.isCertain, isSameForFlow: outcome.isSameForFlow))
    }
    return trials
  }
}

extension PacketOutline {
  /// The complete headers of a form, as in RFC 791, 8200, 768 and 9293.
  package init(_ form: RuleIndex.Form, _ sourcePorts: ClosedRange<UInt32>, _ destinationPorts: ClosedRange<UInt32>) {
    self.init(payload: form.payload, length: form.payload)
    let transport = form.payload - form.headerLength
    let number = BoundedValue(form.isTCP ? 6 : 17)
    if form.isIPv6 {
      known = [(0, 1, BoundedValue(0x60...0x6F, bits: 0x6F)), (6, 1, number)]
      for word in 2..<10 { known.append((word * 4, 4, BoundedValue(0 ... .max, isSameForFlow: true))) }
    } else {
      // In flags and fragment offset, only the don't-fragment flag and the reserved flag may be set.
      known = [(0, 1, BoundedValue(0x45)), (6, 2, BoundedValue(0...0xC000, bits: 0xC000)), (9, 1, number)]
      for word in 3..<5 { known.append((word * 4, 4, BoundedValue(0 ... .max, isSameForFlow: true))) }
    }
    known += [
      (transport, 2, BoundedValue(sourcePorts, bits: 0xFFFF, isSameForFlow: true)),
      (transport + 2, 2, BoundedValue(destinationPorts, bits: 0xFFFF, isSameForFlow: true)),
    ]
    if form.isTCP {
      let offset = UInt32(form.headerLength / 4) << 4
      known.append((transport + 12, 1, BoundedValue(offset...(offset | 0xF), bits: offset | 0xF)))
    }
  }
}
