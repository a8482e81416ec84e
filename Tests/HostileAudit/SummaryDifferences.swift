import Audit
import Policy
import Wire

/// What differs between two summaries of the same frames, field by field; nothing should.
func differences(_ one: AuditSummary, _ other: AuditSummary) -> [String] {
  var found: [String] = []
  func compare<Value: Equatable>(_ name: String, _ value: (AuditSummary) -> Value) {
    let (left, right) = (value(one), value(other))
    if left != right { found.append("\(name): \(left) and \(right)") }
  }
  compare("conclusion", \.conclusion)
  compare("interfaces", \.interfaces.count)
  for index in 0..<min(one.interfaces.count, other.interfaces.count) {
    let name = one.interfaces[index].name
    for verdictClass in VerdictClass.allCases {
      compare("\(name) \(verdictClass)") { $0.interfaces[index].counts[verdictClass] }
    }
    compare("\(name) time") { $0.interfaces[index].time }
    compare("\(name) role") { $0.interfaces[index].role }
    compare("\(name) drops") { $0.interfaces[index].drops }
  }
  compare("missed messages", \.missedMessages)
  compare("claimed messages", \.claimedMessages)
  compare("failing leaks", \.failingLeaks)
  compare("findings", \.findings.count)
  for index in 0..<min(one.findings.count, other.findings.count) {
    compare("finding \(index)") { FindingFacts($0.findings[index]) }
  }
  compare("windows") {
    [$0.windows.beforeHandshake, $0.windows.whileUp, $0.windows.beforeNewHandshake, $0.windows.afterLast]
  }
  compare("timeline") { $0.timeline.events }
  compare("further events") { $0.timeline.others }
  compare("controls") { $0.controls.map { "\($0.interface) \($0.verdict.map { "\($0)" } ?? "unheard")" } }
  compare("tunnels", \.tunnels.count)
  for index in 0..<min(one.tunnels.count, other.tunnels.count) {
    compare("tunnel \(index)") { TunnelFacts($0.tunnels[index]) }
  }
  compare("served", \.served)
  compare("local") { $0.local.map { "\($0.kind) \($0.count)" } }
  compare("undeclared") { $0.undeclared.map { "\($0.prefix) \($0.count)" } }
  compare("further undeclared", \.undeclaredOthers)
  compare("allowed") { $0.allowed.map { "\($0.name) \($0.count)" } }
  compare("notices", \.notices)
  compare("incomplete", \.incomplete)
  return found
}

private struct FindingFacts: Equatable {
  let key: Finding.Key
  let severity: Severity
  let title: String
  let count, escaped: Count
  let time: Span
  let sources: [IPAddress]
  let questions: [String]
  let details: [LeakDetail]
  let fate: Fate?

  init(_ finding: Finding) {
    key = finding.key
    severity = finding.severity
    title = finding.title
    count = finding.count
    escaped = finding.escaped
    time = finding.time
    sources = finding.sources.elements
    questions = finding.questions.elements.map(\.text)
    details = finding.details.elements
    fate = finding.fate
  }
}

private struct TunnelFacts: Equatable {
  let endpoint: Endpoint
  let sent: [Count]
  let received, verified: Count
  let responses, foreignInitiations: Int
  let sentTime, receivedTime: Span?
  let moments: [Timestamp?]
  let state: TunnelTally.State

  init(_ tunnel: AuditSummary.Tunnel) {
    let tally = tunnel.tally
    endpoint = tunnel.endpoint.value.endpoint
    sent = TunnelKind.allCases.map { tally[$0] }
    received = tally.received
    verified = tally.verified
    responses = tally.responses
    foreignInitiations = tally.foreignInitiations
    sentTime = tally.sentTime
    receivedTime = tally.receivedTime
    moments = [tally.firstInitiation, tally.firstHandshake, tally.lastHandshake]
    state = tally.state
  }
}
