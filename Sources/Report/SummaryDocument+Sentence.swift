package import Audit
import Policy
import Text

/// What a summary says in one sentence.
extension SummaryDocument {
  package var verdict: AuditSummary.Conclusion? { .init(rawValue: conclusion) }

  package var egress: Int { tunnel + local + leak + allowed }

  /// The conclusion first, then what it rests on.
  package var sentence: String {
    let egress = Formatting.count(egress, "egress frame")
    let inferred = policy.isInferred ? " (\(inference))" : ""
    let span = Formatting.span(first, last).map { " in " + Formatting.duration(nanoseconds: $0) } ?? ""
    switch verdict {
    case .clean:
      return "CLEAN\(inferred): no leak among \(egress)\(span); \(Formatting.number(tunnel)) of them went through the "
        + "tunnel\(mild)."
    case .leaks:
      return "LEAKS\(inferred): \(Formatting.number(failingLeaks)) of \(egress)\(span) left outside the tunnel: "
        + "\(reasons)\(mild)."
    case .incomplete, nil:
      let more = incomplete.count > 1 ? " (and \(incomplete.count - 1) more)" : ""
      return "INCOMPLETE\(inferred): no leak seen among \(egress)\(span), but this audit saw less than happened: "
        + "\(Formatting.safe(incomplete.first ?? ""))\(more)\(mild)."
    }
  }

  /// Leaks that fail no audit, and why.
  private var mild: String {
    let apart = leaks.reduce(0) { $0 + ($1.isApart ? $1.frames : 0) }
    let below = leak - failingLeaks - apart
    let told = leaks.reduce(0) { $0 + (isOnlyTold($1) && !$1.isApart ? $1.frames : 0) }
    return (below > told ? "; \(Formatting.count(below - told, "leak")) below severity \(failOn)" : "")
      + (told > 0 ? "; \(Formatting.count(told, "frame")) told, not counted against you" : "")
      + (apart > 0 ? "; \(Formatting.count(apart, "leak")) of \(scope == "host" ? "the stack" : "the host") apart" : "")
  }

  /// What is harmless by its circumstances, unless the operator wants to hear of it.
  func isOnlyTold(_ leak: LeakEntry) -> Bool { leak.severity == Severity.info.rawValue && limit > .info }

  /// Whether it fails the audit.
  func isFailing(_ leak: LeakEntry) -> Bool { !leak.isApart && leak.level >= limit }

  /// The least severity that fails the audit.
  private var limit: Severity { Severity(rawValue: failOn) ?? .info }

  /// Where the Endpoints come from that nobody stated.
  private var inference: String {
    // Older summaries have only the origin's words.
    let inferred = policy.endpoints.filter { $0.source == "inferred" || $0.origin.hasPrefix("inferred from") }
      .map(\.value)
    let listed = policy.endpoints.filter { $0.source == "listed" }.map(\.value)
    var words: [String] = []
    if !inferred.isEmpty { words.append("policy inferred: Endpoint \(few(inferred)) by its handshakes") }
    if !listed.isEmpty {
      let names = Set((policy.endpointLists ?? []).map { Self.listName($0.value) }).sorted().joined(separator: ", ")
      words.append("Endpoint \(few(listed)) from \(Formatting.safe(names))")
    }
    if !words.isEmpty { return words.joined(separator: "; ") }
    return tunnelStates.isEmpty
      ? "policy inferred: no handshake seen, so no Endpoint known" : "policy inferred: no Endpoint is certain"
  }

  /// Of `gluetun's list of servers: 512 servers of mullvad`, whose it is.
  private static func listName(_ statement: String) -> String { String(statement.prefix { $0 != ":" }) }

  private func few(_ endpoints: [String]) -> String {
    let more = endpoints.count > 3 ? " and \(endpoints.count - 3) more" : ""
    return endpoints.prefix(3).joined(separator: ", ") + more
  }

  /// `2 icmp, 1 dns`, the most frequent first.
  private var reasons: String {
    var frames: [String: Int] = [:]
    for leak in leaks where isFailing(leak) { frames[leak.reason, default: 0] += leak.frames }
    return frames.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\(Formatting.number($0.value)) \(Formatting.safe($0.key))" }.joined(separator: ", ")
  }
}

extension SummaryDocument.LeakEntry {
  /// A severity that this version does not know fails.
  var level: Severity { Severity(rawValue: severity) ?? .critical }
}
