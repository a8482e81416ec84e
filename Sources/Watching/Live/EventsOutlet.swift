import Outputs
import Report
import Serving

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
