import Audit
import Outputs
import Policy
import Report
import Text
import Wire

/// Sends news to the outlets as it happens; redacted if that is asked for.
extension Watch {
  /// Sends notices; `--only` suppresses them.
  func tell(_ notices: [AuditSummary.Notice]) {
    guard observer.gate.tellsNotices else { return }
    for original in notices {
      let notice = telling.redactor?.notice(original) ?? original
      guard let json = try? JSON.line(NoticeDocument(notice)) else { continue }
      telling.outbox.post(
        RenderedAlert(
          severity: .info, reason: notice.kind.rawValue, title: "notice: \(notice.kind.rawValue)",
          text: NoticeDocument.line(notice), json: String(json.dropLast())))
    }
  }

  /// Sends blind spots, even with `--only`: what cannot be seen may be just the wanted leaks.
  func tell(_ changes: [NoticeDocument]) {
    for change in changes { telling.post(change, .sight) }
  }

  func tell(_ alerts: [Alert]) {
    for original in alerts {
      let alert = telling.redactor?.alert(original) ?? original
      let name = auditor.interfaces[alert.interface].name
      let interface = telling.redactor?.scrub(value: name) ?? name
      guard
        let json = try? JSON.line(AlertDocument(alert, interface: interface, rules: auditor.policy.labelRules.list))
      else { continue }
      telling.outbox.post(
        RenderedAlert(
          severity: alert.severity, reason: alert.reason.rawValue, title: AlertText.title(alert),
          text: AlertText.line(alert, interface: interface), json: String(json.dropLast()),
          origin: alert.origin.name ?? "", message: AlertText.message(alert, interface: interface)))
    }
  }

  mutating func lookForBlindSpots(at now: Timestamp) {
    // For an interface that exists, only silence can be reported.
    let silent = interfaces.present.filter { auditor.interfaces[$0.number].counts.total.frames == 0 }.map {
      Gap("\($0.name) delivered no frame", .unheard, do: "check that this is the right interface (ip link)")
    }
    tell(
      blindSpots.changes(
        interfaces.gaps() + silent, dropped: rules.capture?.dropped ?? 0, lostFeed: containers.loss, at: now))
  }

  /// Reports if the audit's own thread hangs, since that thread cannot report it.
  func guardAgainstStalling() {
    heartbeat.watch(limit: Self.stall) { [telling] change in
      let notice: NoticeDocument =
        switch change {
        case .stalled(let length):
          .blind(
            "the audit has been stuck for \(length.text). Do: check whether this machine is overloaded; restart the watch",
            at: .now)
        case .resumed(let length): .seeing("again after \(length.text) (the audit was stuck)", at: .now)
        }
      telling.post(notice, .sight)
    }
  }

  private static var stall: Duration { .seconds(10) }
}
