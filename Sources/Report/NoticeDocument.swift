package import Audit
import Text
import Wire

/// A notice of frames, as it is told while a watch runs: `"schema": "leakaudit.notice/1"`, one object a line.
package struct NoticeDocument: Codable, Equatable, Sendable {
  var schema = "leakaudit.notice/1"
  var kind, text: String
  var severity = "info"
  /// Of the first frame; RFC 3339 in UTC with microseconds.
  var time: String?

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
