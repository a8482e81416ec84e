import Containers
import Foundation
import TestSupport

/// A server on a unix socket that answers as an engine did, for cases that no engine produces on demand. Its answers
/// are files named after the path's last part; without the file it answers with 503, and it is silent if the file says
/// so.
final class RecordedEngine {
  private static let answers = #"""
    class Answers(Handler):
        def do_GET(self):
            with open(directory + "/asked", "a") as file: file.write(self.path + "\n")
            path = self.path.split("?")[0]
            name = {"/containers/json": "containers", "/networks": "networks", "/events": "events"}[path]
            try: body = open(directory + "/" + name, "rb").read()
            except OSError: return self.answer(503)
            if body == b"silent": threading.Event().wait()
            elif name == "events": self.stream(body)
            else: self.answer(200, body)

        # Tells what is added to the file, and ends with the file.
        def stream(self, body):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if body == b"over": return self.wfile.write(b"0\r\n\r\n")
            told = 0
            try:
                while os.path.exists(directory + "/events"):
                    body = open(directory + "/events", "rb").read()
                    if len(body) > told: self.wfile.write(b"%x\r\n%s\r\n" % (len(body) - told, body[told:]))
                    told = len(body)
                    time.sleep(0.005)
                self.wfile.write(b"0\r\n\r\n")
            except OSError: pass
            self.close_connection = True
    """#

  let directory: TemporaryDirectory
  private let server: LocalServer

  var address: EngineAddress { .unixSocket(path: server.socketPath) }

  init(containers: String = "[]", networks: String = "[]", events: String = "") throws {
    directory = try TemporaryDirectory()
    try directory.file("containers", containers)
    try directory.file("networks", networks)
    try directory.file("events", events)
    server = try LocalServer(Self.answers, in: directory)
  }

  /// The paths that were asked for.
  var asked: [Substring] { directory.text("asked").split(separator: "\n") }

  /// Ends the stream of events.
  func endEvents() throws { try FileManager.default.removeItem(atPath: directory.path("events")) }
}
