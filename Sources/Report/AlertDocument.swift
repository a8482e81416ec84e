package import Audit
package import Policy
import Summaries
import Text
import Wire

/// An alert as other programs read it: `"schema": "leakaudit.alert/1"`, one object a line.
package struct AlertDocument: Codable, Equatable, Sendable {
  var schema = "leakaudit.alert/1"
  /// leak, escaped, repeated or suppressed.
  var kind: String
  /// The time of the first leak that this alert reports; RFC 3339 in UTC with microseconds.
  var time: String
  var reason, severity, title, interface: String
  var rule, origin, fate: String?
  var family, `protocol`, source, destination: String?
  var sourcePort, destinationPort: UInt16?
  var questions: [String]
  var details: [LeakDetailEntry]
  /// Several if it is not clear which of them sent it. Absent if the kernel did not say.
  var sentBy: [LeakSenderEntry]?
  /// `before-handshake` or `established`.
  var tunnelState: String
  /// Milliseconds since the tunnel's latest packet, if the tunnel was established.
  var tunnelSilence: Double?
  var frame, frames, bytes: Int
  /// Those of `frames` that are packets no other alert reports: a packet seen on the bridge and later on the NIC is
  /// one. Absent if unknown.
  var packets: Int?
  var first, last: String

  package init(_ alert: Alert, interface: String, rules: [LabelRule]) {
    kind = alert.kind.rawValue
    time = Formatting.time(alert.time.first)
    reason = alert.reason.rawValue
    severity = alert.severity.rawValue
    title = alert.title
    self.interface = interface
    rule = rules.indices.contains(alert.rule) ? rules[alert.rule].id : nil
    origin = alert.origin.name
    fate = alert.fate?.rawValue
    family = alert.destination.map { $0.isIPv4 ? "ipv4" : "ipv6" }
    self.protocol = alert.protocolNumber?.description
    source = alert.source?.address.description
    destination = alert.destination?.description
    sourcePort = alert.destinationPort == nil ? nil : alert.source?.port
    destinationPort = alert.destinationPort
    questions = alert.questions
    details = alert.details.map(LeakDetailEntry.init)
    sentBy = alert.senders.isEmpty ? nil : alert.senders.map(LeakSenderEntry.init)
    switch alert.phase {
    case .beforeHandshake: tunnelState = "before-handshake"
    case .established(let silence):
      tunnelState = "established"
      tunnelSilence = Double(silence) / 1_000_000
    }
    frame = alert.frame
    frames = alert.count.frames
    bytes = alert.count.bytes
    packets = alert.packets
    first = time
    last = Formatting.time(alert.time.last)
  }
}
