package import Audit
package import Capture
package import Outputs
import Policy
package import Report
package import Serving
import Summaries
import Text
import Wire

/// Who is told what a watch sees: the terminal, outlets, readers of the served page, and the evidence. Each has a thread
/// of its own, so that none makes the audit wait.
package struct WatchTelling: Sendable {
  package let screen: LiveScreen
  let outbox: Outbox
  let evidence: EvidenceThread?
  let served: ServedWatch?
  let redactor: Redactor?
  /// Decides which leaks are told.
  let gate: AlertGate
  /// Called with a summary that was asked for during the watch. Must not wait.
  let writeSummary: @Sendable (AuditSummary) -> Void

  /// What is served, and by whom it may be asked.
  package struct Service: ~Copyable {
    let socket: ListeningSocket
    let access: AccessCheck
    /// The program's version, which the page shows.
    let version: String

    package init(_ socket: consuming ListeningSocket, _ access: AccessCheck, version: String) {
      self.socket = socket
      self.access = access
      self.version = version
    }
  }

  /// Starts the threads that are not running yet.
  ///
  /// - Parameter outlets: those beside the terminal.
  package init(
    screen: LiveScreen, outlets: [OutletThread], service: consuming Service?, evidence: consuming EvidenceFile?,
    redactor: Redactor?, gate: AlertGate, _ unprivileged: borrowing Unprivileged,
    writeSummary: @escaping @Sendable (AuditSummary) -> Void
  ) throws(WatchError) {
    let say: @Sendable (String) -> Void = { screen.say($0) }
    var outlets = [OutletThread(ScreenOutlet(screen: screen), say: say)] + outlets
    var served: ServedWatch?
    if let service = service.take() {
      let watch = try ServedWatch(service, reports: outlets, redactor)
      outlets.append(OutletThread(watch.outlet, say: say))
      served = watch
    }
    self.screen = screen
    self.served = served
    var thread: EvidenceThread?
    if let file = evidence.take() { thread = EvidenceThread(file, redactor) }
    self.evidence = thread
    self.redactor = redactor
    self.gate = gate
    self.writeSummary = writeSummary
    outbox = Outbox(outlets)
  }

  /// Sends a notice about the watch itself.
  func post(_ notice: NoticeDocument, _ subject: RenderedAlert.Subject) {
    outbox.post(RenderedAlert(notice.scrubbed(redactor), subject))
  }

  /// Sends the result wherever alerts went, ends all threads, and returns what must be known of them: whoever was told
  /// of a leak also learns that the watch is over. The terminal gets the summary itself.
  ///
  /// - Parameter limit: how long outlets and disk may take, each.
  func end(_ summary: AuditSummary, at now: Timestamp, within limit: Duration) -> [AuditSummary.Notice] {
    let shown = Summary(summary)
    let words = (redactor?.summary(shown) ?? shown).sentence
    outbox.post(RenderedAlert(.ended("The watch ended. \(words)", at: now), .end))
    let reports = outbox.finish(within: limit)
    served?.server.end()
    return reports.filter { $0.notDelivered > 0 }.map {
      .init(.undeliveredAlerts, "Alerts: \($0.description)\($0.refusalText).")
    } + (evidence?.finish(at: now, within: limit) ?? []).map { .init(.evidence, "Evidence: \($0).") }
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
