import Audit
import Outputs
import Policy
import Report
import Summaries
import Text
import Wire

/// Sends news to the outlets as it happens; redacted if that is asked for.
extension Watch {
  /// Sends notices; `--only` suppresses them.
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

  /// Sends blind spots, even with `--only`: what cannot be seen may be just the wanted leaks.
  func tell(_ changes: [NoticeDocument]) {
    for original in changes { outbox.post(RenderedAlert(original.scrubbed(redactor), .sight)) }
  }

  /// Sends the result wherever alerts went: whoever was told of a leak also learns that the watch is over. The terminal
  /// gets the summary itself.
  func tellEnd(_ summary: AuditSummary) {
    let shown = Summary(summary)
    let words = (redactor?.summary(shown) ?? shown).sentence
    outbox.post(RenderedAlert(.ended("The watch ended. \(words)", at: .now), .end))
  }

  /// Reports if the audit's own thread hangs, since that thread cannot report it.
  func guardAgainstStalling() {
    heartbeat.watch(limit: Self.stall) { [outbox] change in
      let notice: NoticeDocument =
        switch change {
        case .stalled(let length):
          .blind(
            "the audit has been stuck for \(length.text). Do: check whether this machine is overloaded; restart the watch",
            at: .now)
        case .resumed(let length): .seeing("again after \(length.text) (the audit was stuck)", at: .now)
        }
      outbox.post(RenderedAlert(notice, .sight))
    }
  }

  private static var stall: Duration { .seconds(10) }

  mutating func lookForBlindSpots(at now: Timestamp) {
    // For an interface that exists, only silence can be reported.
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

extension NoticeDocument {
  fileprivate func scrubbed(_ redactor: Redactor?) -> Self {
    var shown = self
    shown.text = redactor?.scrub(text) ?? text
    return shown
  }
}

extension RenderedAlert {
  /// An alert about the watch itself.
  fileprivate init(_ notice: NoticeDocument, _ subject: Subject) {
    let json = (try? JSON.line(notice)).map { String($0.dropLast()) }
    self.init(
      severity: notice.level, reason: notice.kind, title: notice.title, text: notice.line, json: json ?? "{}",
      subject: subject, message: Formatting.safe(notice.text))
  }
}
