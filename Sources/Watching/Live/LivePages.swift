import Audit
import Outputs
import Report
import Serving
import Summaries
import Synchronization
import Text
import Wire

/// The answers of `watch --serve`. Everything but events comes from one summary that is at most a second old.
final class LivePages: Site {
  private struct State {
    var series = MetricSeries()
    var health: WatchHealth
    /// The latest snapshot, ready to be shown.
    var view: View?
  }

  private struct View {
    let taken: ContinuousClock.Instant
    let document: Summary
    /// Made at the first request for it and then reused, however many clients ask.
    var page: String?
  }

  private let live: LiveAudit
  /// The outlets whose losses are reported.
  private let outlets: [OutletThread]
  private let redactor: Redactor?
  private let version: String
  private let state: Mutex<State>

  init(_ live: LiveAudit, outlets: [OutletThread], _ redactor: Redactor?, version: String) {
    self.live = live
    self.outlets = outlets
    self.redactor = redactor
    self.version = version
    state = Mutex(State(health: WatchHealth(start: live.start.clock)))
  }

  func answer(_ request: Request) -> Answer {
    switch request.path {
    case "/events": .events
    case "/", "/healthz", "/status/leaks", "/metrics", "/api/summary", "/api/leaks": answer(request, live.snapshot())
    default: .response(Response(.notFound, Response.text, "not found; / lists what is there\n"))
    }
  }

  private func answer(_ request: Request, _ snapshot: LiveAudit.Snapshot?) -> Answer {
    guard let snapshot else {
      return .later(otherwise: Response(.unavailable, Response.text, "the audit does not answer\n"))
    }
    let response = try? state.withLock { state in
      let document = try document(snapshot, &state)
      switch request.path {
      case "/": return page(snapshot, document, &state)
      case "/healthz": return health(snapshot, document, &state)
      case "/status/leaks": return leakStatus(document)
      case "/metrics": return metrics(snapshot, document, &state)
      case "/api/leaks": return try leaks(request, document)
      default: return Response(.ok, "application/json", try JSON.pretty(document))
      }
    }
    return .response(response ?? Response(.unavailable, Response.text, "the summary cannot be shown\n"))
  }

  private func document(_ snapshot: LiveAudit.Snapshot, _ state: inout State) throws -> Summary {
    if let view = state.view, view.taken == snapshot.taken { return view.document }
    let plain = Summary(snapshot.summary)
    let document = redactor?.summary(plain) ?? plain
    state.view = View(taken: snapshot.taken, document: document)
    return document
  }

  private func page(
    _ snapshot: LiveAudit.Snapshot, _ document: Summary, _ state: inout State
  ) -> Response {
    let page =
      state.view?.page
      ?? HTMLReport.text(document, version: version, taken: snapshot.time)
    state.view?.page = page
    var response = Response(.ok, "text/html; charset=utf-8", page)
    response.contentSecurityPolicy = HTMLReport.contentSecurityPolicy(isLive: true) + "; frame-ancestors 'none'"
    return response
  }

  private func health(
    _ snapshot: LiveAudit.Snapshot, _ document: Summary, _ state: inout State
  ) -> Response {
    let gaps = state.health.holding(snapshot.summary.gaps, at: snapshot.taken)
    if gaps.isEmpty { return Response(.ok, Response.text, "watching\n") }
    // In the words of the summary, which may be redacted.
    let lines = gaps.compactMap { $0 < document.incomplete.count ? Formatting.safe(document.incomplete[$0]) : nil }
    return Response(.unavailable, Response.text, lines.joined(separator: "\n") + "\n")
  }

  /// For monitors that know only up and down: down once something leaked or was missed, until the watch is restarted.
  private func leakStatus(_ document: Summary) -> Response {
    Response(
      document.conclusion == .clean ? .ok : .unavailable, Response.text, Formatting.safe(document.sentence) + "\n")
  }

  private func metrics(
    _ snapshot: LiveAudit.Snapshot, _ document: Summary, _ state: inout State
  ) -> Response {
    let numbers = LiveNumbers(
      snapshot.summary, started: live.start.time, taken: snapshot.time,
      blindness: state.health.holding(snapshot.summary.gaps, at: snapshot.taken).count,
      undelivered: outlets.map(\.report).map { report in
        (redactor?.scrub(report.name) ?? report.name, report.failed + report.refused)
      })
    let text = PrometheusReport.text(
      document, version: version, live: numbers, series: &state.series)
    return Response(.ok, "text/plain; version=0.0.4; charset=utf-8", text)
  }

  private func leaks(_ request: Request, _ document: Summary) throws -> Response {
    guard let offset = number(request.query["offset"], usually: 0),
      let limit = number(request.query["limit"], usually: 100), limit <= LeaksDocument.limit
    else {
      return Response(
        .badRequest, Response.text, "offset and limit must be numbers, limit at most \(LeaksDocument.limit)\n")
    }
    return Response(
      .ok, "application/json", try JSON.pretty(LeaksDocument(document, offset: offset, limit: limit)))
  }

  private func number(_ text: String?, usually: Int) -> Int? {
    guard let text else { return usually }
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}
