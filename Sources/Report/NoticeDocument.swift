package import Audit
package import Policy
import Text
package import Wire

/// A notice as a running watch reports it: `"schema": "leakaudit.notice/1"`, one object a line.
package struct NoticeDocument: Codable, Equatable, Sendable {
  var schema = "leakaudit.notice/1"
  package private(set) var kind: String
  package var text: String
  var severity = "info"
  /// The time of the first frame; RFC 3339 in UTC with microseconds.
  var time: String?

  /// The audit cannot see something at the moment.
  package static func blind(_ text: String, at time: Timestamp) -> Self {
    Self(kind: "blind", text: text, severity: Severity.high.rawValue, time: Formatting.time(time))
  }

  /// The audit sees again.
  package static func seeing(_ text: String, at time: Timestamp) -> Self {
    Self(kind: "seeing", text: text, severity: Severity.low.rawValue, time: Formatting.time(time))
  }

  /// The watch is over.
  package static func ended(_ text: String, at time: Timestamp) -> Self {
    Self(kind: "ended", text: text, severity: Severity.low.rawValue, time: Formatting.time(time))
  }

  /// Somebody tries whether alerts arrive. It has the severity of a real leak, so that it takes the same way.
  package static func test(_ text: String, at time: Timestamp) -> Self {
    Self(kind: "test", text: text, severity: Severity.high.rawValue, time: Formatting.time(time))
  }

  /// The title of a push about the watch itself.
  package var title: String {
    switch kind {
    case "blind": "leakaudit cannot see"
    case "seeing": "leakaudit sees again"
    default: "leakaudit: \(kind)"
    }
  }

  private init(kind: String, text: String, severity: String, time: String) {
    (self.kind, self.text, self.severity, self.time) = (kind, text, severity, time)
  }

  /// `2026-11-24T10:00:00.000000Z BLIND br-stack is gone: …`, in one line.
  package var line: String { Formatting.safe("\(time ?? "") \(kind.uppercased()) \(text)") }

  package var level: Severity { Severity(rawValue: severity) ?? .high }

  package init(_ notice: AuditSummary.Notice) {
    kind = notice.kind.rawValue
    text = notice.text
    time = notice.first.map(Formatting.time)
  }

  /// `2026-11-24T10:00:00.000000Z NOTICE info arp-for-public: …`, in one line that no name from the wire can break.
  package static func line(_ notice: AuditSummary.Notice) -> String {
    let time = notice.first.map { Formatting.time($0) + " " } ?? ""
    return Formatting.safe("\(time)NOTICE info \(notice.kind.rawValue): \(notice.text)")
  }
}
