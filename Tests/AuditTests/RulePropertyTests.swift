import Audit
import PacketFilter
import Policy
import PolicyFiles
import TestNeeds
import TestSupport
import Testing
import Wire

/// What holds whatever the rules say.
@Suite struct RulePropertyTests {
  @Test func `no rule changes a class, and every leak has one label, the same in one pass and in another`() throws {
    let seeds = SeededGenerator()
    print("random traffic of seed \(seeds.seed)")
    var packets = RandomPackets(seeds)
    let samples = try RulePackets.all()
    let shipped = try loadShippedRules()
    var named: Set<String> = []
    for round in 0..<rounds(10, few: 5) {
      var policy = packets.policy()
      let frames = (0..<1000).map { index in
        let bytes = index.isMultiple(of: 2) ? packets.next().bytes : changed(samples, &packets.random)
        return SampleFrame(bytes, time: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(index) * 1_000_000))
      }
      let place: Comment = "seed \(seeds.seed), policy \(round)"
      policy.labelRules = []
      let bare = Labels.of(frames, policy)
      policy.labelRules = shipped
      let whole = Labels.of(frames, policy)
      // As an interface gives them: a few at a time.
      let pieces = Labels.of(frames, policy, limit: 7)
      policy.labelRules = LabelRules(LeakReason.labels.shuffled(using: &packets.random).map(greedy))
      let hostile = Labels.of(frames, policy)

      #expect(whole.map(\.verdictClass) == bare.map(\.verdictClass), place)
      #expect(hostile.map(\.verdictClass) == bare.map(\.verdictClass), place)
      #expect(whole == pieces, place)
      #expect(whole.allSatisfy { ($0.reason != nil) == ($0.verdictClass == .leak) }, place)
      // What structure decides keeps its name, whatever a rule says.
      for (label, structure) in zip(hostile, bare) where structure.reason != nil && structure.reason != .other {
        #expect(label.reason == structure.reason, place)
      }
      for label in whole {
        guard let rule = label.rule else { continue }
        #expect(shipped[rule].label == label.reason, place)
        named.insert(shipped[rule].id)
      }
    }
    // Traffic that reaches few rules tests little.
    #expect(named.count > rounds(40, few: 30), "seed \(seeds.seed): \(named.sorted())")
  }

  private func changed(_ samples: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = samples.randomElement(using: &random)!
    if Bool.random(using: &random), let place = bytes.indices.randomElement(using: &random) {
      bytes[place] = .random(in: .min ... .max, using: &random)
    }
    return Int.random(in: 0..<8, using: &random) == 0
      ? Array(bytes.prefix(.random(in: 0...bytes.count, using: &random))) : bytes
  }

  /// A rule that matches everything.
  private func greedy(_ label: LeakReason) -> LabelRule {
    LabelRule(
      id: label.rawValue, label: label, severity: .info, title: "T", why: "", reference: "",
      filter: PacketFilter(onDemand: "ip or ip6"), origin: "test")
  }
}

/// What was reported for each frame.
private struct Labels: FrameObserver {
  struct Label: Equatable {
    var verdictClass: VerdictClass
    var reason: LeakReason?
    var rule: Int?
    var severity: Severity?
  }

  static var isActive: Bool { true }
  var list: [Label] = []

  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {
    list.append(
      Label(
        verdictClass: verdict.verdictClass, reason: leak?.key.reason,
        rule: leak.flatMap { $0.key.rule < 0 ? nil : $0.key.rule }, severity: leak?.severity))
  }

  static func of(_ frames: [SampleFrame], _ policy: TunnelPolicy, limit: Int = .max) -> [Label] {
    var auditor = Auditor(policy, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces.append(auditor.attach(InterfaceTally(name: "if0", linkType: .raw, role: nil)))
    var source = FrameList(frames)
    var labels = Labels()
    while true {
      if case .end = auditor.audit(&source, &cursor, until: .distantFuture, limit: limit, observer: &labels) { break }
    }
    return labels.list
  }
}
