import Outputs
import Report
import Serving

/// The network side of a watch: summaries for clients that ask, and alerts for clients that listen.
struct ServedWatch: Sendable {
  let live: LiveAudit
  let server: HTTPServer

  /// Starts the server's thread.
  init(
    _ service: consuming WatchTelling.Service, reports outlets: [OutletThread], _ redactor: Redactor?
  ) throws(WatchError) {
    guard let live = LiveAudit() else { throw WatchError(.noPermission, "--serve: no file descriptor is left") }
    self.live = live
    let pages = LivePages(live, outlets: outlets, redactor, version: service.version)
    let access = service.access
    server = HTTPServer(service.socket, site: pages, access: access, bell: live.answered)
  }

  var outlet: EventsOutlet { EventsOutlet(server: server, live: live) }
}
