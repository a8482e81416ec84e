import Audit
import Outputs
import Policy
import Report
import Text

/// What the outlets are told, as it happens; redacted where that is asked for.
extension Watch {
  /// Whoever asks for leaks of some reasons alone asks for no notices.
  func tell(_ notices: [AuditSummary.Notice]) {
    guard observer.gate.tellsNotices else { return }
    for original in notices {
      let notice = redactor?.notice(original) ?? original
      guard let json = try? JSON.line(NoticeDocument(notice)) else { continue }
      outbox.post(
        RenderedAlert(
          severity: .info, reason: notice.kind.rawValue, title: "notice: \(notice.kind.rawValue)",
          text: NoticeDocument.line(notice), json: String(json.dropLast())))
    }
  }

  mutating func tell(_ alerts: [Alert]) {
    for original in alerts {
      let alert = redactor?.alert(original) ?? original
      let name = auditor.interfaces[alert.interface].name
      let interface = redactor?.scrub(value: name) ?? name
      guard
        let json = try? JSON.line(AlertDocument(alert, interface: interface, rules: auditor.policy.labelRules.list))
      else { continue }
      outbox.post(
        RenderedAlert(
          severity: alert.severity, reason: alert.reason.rawValue, title: AlertText.title(alert),
          text: AlertText.line(alert, interface: interface), json: String(json.dropLast())))
    }
  }
}
