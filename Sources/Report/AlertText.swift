package import Audit
import Policy
import Summaries
import Text
import Wire

/// An alert as a person reads it, in one line that no name from the wire can break.
package enum AlertText {
  /// `2026-11-24T10:00:00.000000Z LEAK high dns: example.org A by wireguard+qbittorrent, 172.18.0.2:4000 -> …`
  package static func line(_ alert: Alert, interface: String) -> String {
    let head = "\(Formatting.time(alert.time.first)) \(word(alert)) \(alert.severity.rawValue) \(alert.reason.rawValue)"
    if alert.kind == .suppressed { return "\(head), \(more(alert)), to other destinations" }
    let again = alert.kind == .repeated ? ", \(more(alert))" : ""
    return Formatting.safe("\(head)\(again):\(happened(alert, interface))")
  }

  /// The same for a push message: what happened first, the time last.
  package static func message(_ alert: Alert, interface: String) -> String {
    // 2026-11-24T10:00:00.000000Z
    let stamp = Formatting.time(alert.time.first)
    let time = "\(stamp.prefix(10)) \(stamp.dropFirst(11).prefix(8)) UTC"
    if alert.kind == .suppressed { return "\(more(alert)), to other destinations; at \(time)" }
    let again = alert.kind == .repeated ? "\(more(alert)):" : ""
    return Formatting.safe(String("\(again)\(happened(alert, interface)); at \(time)".drop { $0 == " " }))
  }

  private static func happened(_ alert: Alert, _ interface: String) -> String {
    let names = alert.questions + alert.details.map(LeakDetailEntry.init).map(\.sentence)
    let asked = names.isEmpty ? "" : " " + names.joined(separator: ", ")
    let parts = [place(alert), fate(alert, interface), alert.phase.text].compactMap(\.self).joined(separator: ", ")
    return "\(asked)\(who(alert)) \(parts)"
  }

  /// `2,999 more packets in 60.0 s`. If the NIC only showed packets that the bridge had already reported, it counts
  /// frames.
  private static func more(_ alert: Alert) -> String {
    let packets = alert.packets ?? 0
    let amount =
      packets > 0 ? Formatting.count(packets, "more packet") : Formatting.count(alert.count.frames, "more frame")
    let nanoseconds = (alert.time.last - alert.time.first).nanoseconds
    return nanoseconds > 0 ? "\(amount) in \(Formatting.duration(nanoseconds: nanoseconds))" : amount
  }

  /// The title of a notification.
  package static func title(_ alert: Alert) -> String {
    let origin = whose(alert)
    return Formatting.safe("\(alert.severity.rawValue) \(alert.reason.rawValue) leak\(origin)")
  }

  /// The process, if it is known.
  private static func who(_ alert: Alert) -> String {
    if alert.senders.isEmpty { return whose(alert) }
    let senders = alert.senders.map { LeakSenderEntry($0).sentence }.joined(separator: " or ")
    // Where the kernel names no container, the address still tells whose namespace it was.
    if alert.senders.contains(where: { $0.container == nil }), !whose(alert).isEmpty {
      return "\(whose(alert)), sent by \(senders),"
    }
    return " by \(senders)"
  }

  private static func whose(_ alert: Alert) -> String {
    switch alert.origin {
    case .containers, .host: " by \(alert.origin.name ?? "")"
    case .bridge, .address: ""
    }
  }

  private static func word(_ alert: Alert) -> String {
    switch alert.kind {
    case .leak where alert.severity == .info: "INFO"
    case .leak: "LEAK"
    case .escaped: "ESCAPED"
    case .repeated, .suppressed: "STILL LEAKING"
    }
  }

  private static func place(_ alert: Alert) -> String? {
    guard let destination = alert.destination else { return alert.title }
    let port = alert.destinationPort
    let source = alert.source.map { endpoint($0.address, port == nil ? nil : $0.port) } ?? "?"
    let protocolName = alert.protocolNumber.map { " \($0)" } ?? ""
    return "\(source) -> \(endpoint(destination, port))\(protocolName)"
  }

  private static func endpoint(_ address: IPAddress, _ port: UInt16?) -> String {
    port.map { "\(Endpoint(address: address, port: $0))" } ?? "\(address)"
  }

  private static func fate(_ alert: Alert, _ interface: String) -> String {
    switch alert.fate {
    case .attempted: "attempted on \(interface)"
    case .escaped: "escaped, \(interface)"
    case nil: "on \(interface)"
    }
  }
}
