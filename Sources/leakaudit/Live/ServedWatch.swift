import Outputs
import Report
import Serving

/// The network side of a watch: a summary for whoever asks, and alerts for whoever listens.
struct ServedWatch {
  let live: LiveAudit
  let server: HTTPServer

  /// Starts the server's thread.
  init(
    _ socket: consuming ListeningSocket, _ door: Door, reports outlets: [OutletThread], _ redactor: Redactor?
  ) throws {
    guard let live = LiveAudit() else {
      throw Failure(status: .noPermission, message: "--serve: the system has no descriptor left")
    }
    self.live = live
    server = HTTPServer(
      socket, site: LivePages(live, outlets: outlets, redactor), door: door, bell: live.answered)
  }

  var outlet: EventsOutlet { EventsOutlet(server: server, live: live) }
}

/// The outlet that listeners are: they are told what is told anybody, and who is slow is the server's affair.
struct EventsOutlet: AlertOutlet {
  let name = "events"
  let server: HTTPServer
  let live: LiveAudit

  func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
    live.outdate()
    server.publish(alert.json, alert.severity)
  }
}
