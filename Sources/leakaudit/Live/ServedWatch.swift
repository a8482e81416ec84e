import Outputs
import Report
import Serving

/// The network side of a watch: summaries for clients that ask, and alerts for clients that listen.
struct ServedWatch {
  let live: LiveAudit
  let server: HTTPServer

  /// Starts the server's thread.
  init(
    _ socket: consuming ListeningSocket, _ door: Door, reports outlets: [OutletThread], _ redactor: Redactor?
  ) throws {
    guard let live = LiveAudit() else {
      throw Failure(status: .noPermission, message: "--serve: no file descriptor is left")
    }
    self.live = live
    server = HTTPServer(
      socket, site: LivePages(live, outlets: outlets, redactor), door: door, bell: live.answered)
  }

  var outlet: EventsOutlet { EventsOutlet(server: server, live: live) }
}

/// The outlet for listeners: they get what every outlet gets, and the server drops slow clients.
struct EventsOutlet: AlertOutlet {
  let name = "events"
  let server: HTTPServer
  let live: LiveAudit

  func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
    live.outdate()
    server.publish(alert.json, alert.severity)
  }
}
