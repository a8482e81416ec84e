import Audit
import Policy
import Report
import Summaries
import Text

/// What is wrong with the audit of the conversation that these bytes make; nothing should be.
///
/// It is audited twice: on the fast path, without an observer, and in full, frame by frame. Both must give the
/// same result, every frame must be in exactly one class, and every document must be written from the findings.
public func problems(ofConversation bytes: [UInt8]) -> [String] {
  let conversation = Conversation(bytes)
  let fast = ConversationRun(conversation, NoObserver(), keepsBatches: true)
  var full = ConversationRun(conversation, FrameLedger(), keepsBatches: false)
  full.observer.sumUp()
  let summaries = full.summaries

  var problems: [String] = []
  func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { problems.append(what()) }
  }
  for (index, (one, other)) in zip(fast.summaries, summaries).enumerated() {
    problems += differences(one, other).map { "summary \(index), fast and in full: \($0)" }
    problems += sumProblems(one).map { "summary \(index): \($0)" }
  }
  expect(fast.summaries.count == summaries.count, "summaries: \(fast.summaries.count) and \(summaries.count)")
  expect(fast.frames == full.frames, "frames: \(fast.frames) and \(full.frames)")
  expect(full.frames == conversation.frames, "\(conversation.frames) frames came, \(full.frames) were audited")
  expect(full.observer.observed == full.frames, "\(full.observer.observed) of \(full.frames) frames were told of")
  expect(
    full.observer.kept + full.observer.forgotten == full.frames,
    "\(full.observer.kept) of \(full.frames) frames were lent, and \(full.observer.forgotten) taken back")
  if let last = summaries.last {
    // What was reported as a leak, and counts as tunnel since a handshake proved where it went.
    var proven: [String: Int] = [:]
    for (candidate, frames) in full.observer.pending where !full.isUnproven(candidate) {
      proven.merge(frames, uniquingKeysWith: +)
    }
    for interface in last.interfaces {
      for verdictClass in VerdictClass.allCases {
        var told = full.observer.classes[interface.name]?[verdictClass] ?? 0
        if verdictClass == .leak { told -= proven[interface.name] ?? 0 }
        if verdictClass == .tunnel { told += proven[interface.name] ?? 0 }
        let counted = interface.counts[verdictClass].frames
        expect(told == counted, "\(interface.name) \(verdictClass): told of \(told), counted \(counted)")
      }
    }
    let leaks = full.observer.leaks - proven.values.reduce(0, +)
    expect(leaks == last.counts[.leak].frames, "told of \(leaks) leaks")
  }
  expect(
    full.observer.alerted == full.observer.leaks,
    "alerts of \(full.observer.alerted) frames for \(full.observer.leaks) leaks")
  return problems
    + (conversation.isReported ? documentProblems(fast.summaries, summaries, hasPage: conversation.hasPage) : [])
}

/// frames == tunnel + local + leak + allowed + ingress (CONTRACT 1), in every sum that a summary holds.
private func sumProblems(_ summary: AuditSummary) -> [String] {
  let counts = summary.counts
  let parts: [(name: String, one: Int, other: Int)] = [
    ("findings and leaks", summary.findings.reduce(0) { $0 + $1.count.frames }, counts[.leak].frames),
    (
      "kinds and tunnel", summary.tunnels.reduce(summary.served.frames) { $0 + $1.tally.sent.frames },
      counts[.tunnel].frames
    ),
    ("kinds and local", summary.local.reduce(0) { $0 + $1.count.frames }, counts[.local].frames),
    ("rules and allowed", summary.allowed.reduce(0) { $0 + $1.count.frames }, counts[.allowed].frames),
    (
      "steps and frames", summary.traffic.steps.reduce(0) { sum, step in step.indices.reduce(sum) { $0 + step[$1] } },
      counts.total.frames
    ),
    ("interfaces and frames", summary.interfaces.reduce(0) { $0 + $1.counts.total.frames }, counts.total.frames),
    (
      "undeclared", summary.undeclared.reduce(summary.undeclaredOthers.frames) { $0 + $1.count.frames },
      summary.local.first { $0.kind == .undeclared }?.count.frames ?? 0
    ),
  ]
  return parts.filter { $0.one != $0.other }.map { "\($0.name): \($0.one) and \($0.other)" }
    + summary.incomplete.filter { $0.contains("do not add up") }
}

/// Every document is written from the summaries, and read again.
private func documentProblems(_ fast: [AuditSummary], _ summaries: [AuditSummary], hasPage: Bool) -> [String] {
  guard let last = summaries.last, let first = summaries.first else { return ["no summary"] }
  let (document, earlier) = (Summary(last), Summary(first))
  // What both audits must report alike, including what only documents show.
  if let fast = fast.last, Summary(fast) != document { return ["the documents of both audits"] }
  do {
    let merged = try Summary.merged([earlier, document, document])
    guard try merged == Summary.merged([document, document, earlier]) else {
      return ["the order of merging tells"]
    }
    for document in [document, merged] {
      _ = TextSummary.text(document)
      _ = MarkdownReport.text(document, version: "0")
      _ = CSVReport.text(document)
      _ = JUnitReport.text([("audit", document)])
      _ = PrometheusReport.text(document, version: "0")
      if hasPage { _ = HTMLReport.text(document, version: "0") }
      guard try Summary(json: JSON.line(document)) == document else { return ["JSON that reads otherwise"] }
    }
  } catch {
    return ["a document: \(error)"]
  }
  return []
}
