import Audit
import Outputs
import Policy
import Report
import Text
import Wire

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

  /// Whoever asked for few alerts is told, too: what cannot be seen may be just those.
  func tell(_ changes: [NoticeDocument]) {
    for original in changes {
      var change = original
      change.text = redactor?.scrub(change.text) ?? change.text
      guard let json = try? JSON.line(change) else { continue }
      outbox.post(
        RenderedAlert(
          severity: change.level, reason: change.kind,
          title: change.kind == "blind" ? "leakaudit cannot see" : "leakaudit sees again", text: change.line,
          json: String(json.dropLast()), isLeak: false, message: Formatting.safe(change.text)))
    }
  }

  mutating func lookForBlindSpots(at now: Timestamp) {
    // Of an interface that is there, only silence can be told.
    let silent = interfaces.present.filter { auditor.interfaces[$0.number].counts.total.frames == 0 }.map {
      Gap("\($0.name) delivered no frame", .unheard, do: "check that this is the right interface (ip link)")
    }
    tell(
      blindSpots.changes(
        interfaces.gaps() + silent, dropped: rules.capture?.dropped ?? 0, lostFeed: containers.loss, at: now))
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
          text: AlertText.line(alert, interface: interface), json: String(json.dropLast()),
          origin: alert.origin.name ?? "", message: AlertText.message(alert, interface: interface)))
    }
  }
}
