import Audit
import Policy
package import Summaries
import Text
package import Wire

/// The leaks as events with the field names of the Elastic Common Schema 8, one JSON object a line, and last one for the
/// conclusion. What the schema has no field for is under `leakaudit`.
package enum ECSReport {
  /// The schema's version that the names were taken from.
  static var schemaVersion: String { "8.17.0" }

  /// - Parameter now: the time of the conclusion of an audit without frames.
  package static func text(_ summary: Summary, version: String, now: Timestamp) throws -> String {
    let leaks = try summary.leaks.map { try JSON.line(event($0, summary, version)) }
    return leaks.joined() + (try JSON.line(conclusion(summary, version, now)))
  }

  private static func event(_ leak: Summary.LeakEntry, _ summary: Summary, _ version: String) -> ECSEvent {
    var event = ECSEvent()
    describe(summary, version, in: &event)
    event["@timestamp"] = .text(leak.first.coded)
    event["message"] = .text(message(leak))
    event["event.kind"] = .text("alert")
    event["event.category"] = .list(["network", "intrusion_detection"])
    event["event.type"] = .list([leak.fate == .escaped ? "allowed" : "info"])
    event["event.dataset"] = .text("leakaudit.leak")
    event["event.code"] = .text(leak.reason.rawValue)
    event["event.reason"] = .text(leak.title)
    event["event.severity"] = .number(rank(leak.severity))
    event["event.outcome"] = .text(leak.fate == .escaped ? "success" : "unknown")
    event["event.start"] = .text(leak.first.coded)
    event["event.end"] = .text(leak.last.coded)
    event["rule.name"] = .text(leak.title)
    event["rule.category"] = .text(leak.reason.rawValue)
    event["rule.id"] = leak.rule.map { .text($0) }
    describeNetwork(leak, in: &event)
    event["observer.ingress.interface.name"] = .text(leak.interface)
    event["leakaudit.severity"] = .text(leak.severity.rawValue)
    event["leakaudit.fails"] = .flag(summary.isFailing(leak))
    event["leakaudit.origin"] = leak.origin.map { .text($0.coded) }
    event["leakaudit.fate"] = leak.fate.map { .text($0.rawValue) }
    event["leakaudit.frames"] = .number(leak.frames)
    event["leakaudit.first_frame"] = leak.firstFrame.map { .number($0) }
    event["leakaudit.questions"] = list(leak.questions.map(\.coded))
    event["leakaudit.details"] = list(leak.details.map(\.sentence))
    return event
  }

  private static func describeNetwork(_ leak: Summary.LeakEntry, in event: inout ECSEvent) {
    // A field of an address holds one. All of them are in related.ip.
    if leak.sources.count == 1, !leak.abridged.contains(.sources) {
      event["source.ip"] = .text(leak.sources[0].coded)
    }
    event["destination.ip"] = leak.destination.map { .text($0.coded) }
    event["destination.port"] = leak.port.map { .number(Int($0)) }
    event["network.type"] = leak.family.map { .text($0.rawValue) }
    event["network.transport"] = leak.protocol.flatMap(\.keyword).map { .text($0) }
    event["network.iana_number"] = leak.protocol.map { .text(String($0.rawValue)) }
    event["network.protocol"] = application(leak.reason).map { .text($0) }
    event["network.direction"] = .text("outbound")
    event["network.bytes"] = .number(leak.bytes)
    event["network.packets"] = leak.packets.map { .number($0) }
    if leak.questions.count == 1, !leak.abridged.contains(.questions) {
      event["dns.question.name"] = .text(leak.questions[0].name)
      event["dns.question.type"] = .text(leak.questions[0].type)
    }
    let servers = leak.details.filter { $0.kind == .serverName }.map(\.text)
    event["related.ip"] = list((leak.sources + [leak.destination].compactMap(\.self)).map(\.coded))
    event["related.hosts"] = list(leak.questions.map(\.name) + servers)
    if case .containers(let names) = leak.origin, names.count == 1 { event["container.name"] = .text(names[0]) }
  }

  private static func conclusion(_ summary: Summary, _ version: String, _ now: Timestamp) -> ECSEvent {
    var event = ECSEvent()
    describe(summary, version, in: &event)
    event["@timestamp"] = .text((summary.last ?? now).coded)
    event["message"] = .text(Formatting.safe(summary.sentence))
    event["event.kind"] = .text("event")
    event["event.category"] = .list(["network"])
    event["event.type"] = .list(["info"])
    event["event.dataset"] = .text("leakaudit.conclusion")
    event["event.code"] = .text(summary.conclusion.rawValue)
    event["event.outcome"] = .text(outcome(summary.conclusion))
    event["event.start"] = summary.first.map { .text($0.coded) }
    event["event.end"] = summary.last.map { .text($0.coded) }
    event["event.reason"] = summary.incomplete.first.map { .text($0) }
    event["leakaudit.conclusion"] = .text(summary.conclusion.rawValue)
    event["leakaudit.incomplete"] = list(summary.incomplete)
    event["leakaudit.frames"] = .number(summary.frames)
    event["leakaudit.tunnel_frames"] = .number(summary.tunnel)
    event["leakaudit.leak_frames"] = .number(summary.leak)
    event["leakaudit.failing_leak_frames"] = .number(summary.failingLeaks)
    return event
  }

  /// What is the same in all events of an audit.
  private static func describe(_ summary: Summary, _ version: String, in event: inout ECSEvent) {
    event["ecs.version"] = .text(schemaVersion)
    event["event.module"] = .text("leakaudit")
    event["observer.vendor"] = .text("leakaudit")
    event["observer.product"] = .text("leakaudit")
    event["observer.type"] = .text("ids")
    event["observer.version"] = .text(version)
    event["observer.hostname"] = summary.host.map { .text($0) }
  }

  private static func message(_ leak: Summary.LeakEntry) -> String {
    let sender = leak.senders.isEmpty ? "" : ", from \(Formatting.safe(leak.senders.joined(separator: ", ")))"
    return "\(leak.severity.rawValue) \(leak.reason.rawValue): \(Formatting.safe(leak.title)), \(leak.target)\(sender)"
  }

  private static func outcome(_ conclusion: AuditSummary.Conclusion) -> String {
    switch conclusion {
    case .clean: "success"
    case .leaks: "failure"
    case .incomplete: "unknown"
    }
  }

  /// From 1 for `info` to 5 for `critical`; the schema leaves the scale to the source.
  private static func rank(_ severity: Severity) -> Int {
    switch severity {
    case .info: 1
    case .low: 2
    case .medium: 3
    case .high: 4
    case .critical: 5
    }
  }

  /// The application's protocol, where the reason names one.
  private static func application(_ reason: LeakReason) -> String? {
    switch reason {
    case .dns, .tunnelDestination: "dns"
    case .ntp, .stun, .bittorrent, .http, .tls, .quic, .openvpn, .dhcp: reason.rawValue
    case .dot: "tls"
    case .doq: "quic"
    case .wireGuardOther: "wireguard"
    case .undecodable, .fragment, .notWireGuard, .endpointBypass, .tunnelAddress, .multicast, .doh, .icmp, .ipsec,
      .tunnelOther, .nameDiscovery, .other:
      nil
    }
  }

  private static func list(_ values: [String]) -> ECSEvent.Value? { values.isEmpty ? nil : .list(values) }
}

extension IPProtocol {
  /// Nil for a number that the registry's keywords do not cover here.
  fileprivate var keyword: String? { description.contains(" ") ? nil : description }
}
