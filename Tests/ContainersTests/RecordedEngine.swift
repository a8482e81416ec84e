import Containers
import Foundation

/// A server on a unix socket that answers as an engine did, for cases that no engine produces on demand. Its answers
/// are files named after the path's last part; without the file it answers with 503, and it is silent if the file says
/// so.
final class RecordedEngine {
  private static let program = #"""
    import http.server, os, socketserver, sys, threading, time
    directory = sys.argv[1]

    class Answers(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def address_string(self): return "client"
        def log_message(self, *_): pass

        def do_GET(self):
            with open(directory + "/asked", "a") as file: file.write(self.path + "\n")
            path = self.path.split("?")[0]
            name = {"/containers/json": "containers", "/networks": "networks", "/events": "events"}[path]
            try: body = open(directory + "/" + name, "rb").read()
            except OSError: return self.answer(503, b"")
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

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True
        def handle_error(self, *_): pass

    server = Server(directory + "/new", Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.rename(directory + "/new", directory + "/socket")
    sys.stdin.read()
    os._exit(0)
    """#

  let directory: TemporaryDirectory
  private let life: FileHandle
  private let process = Process()

  var address: EngineAddress { .unixSocket(path: directory.path("socket")) }

  init(containers: String = "[]", networks: String = "[]", events: String = "") throws {
    directory = try TemporaryDirectory()
    try directory.write(containers, to: "containers")
    try directory.write(networks, to: "networks")
    try directory.write(events, to: "events")
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.program, directory.path]
    let input = Pipe()
    life = input.fileHandleForWriting
    process.standardInput = input
    try process.run()
    guard waits(for: { FileManager.default.fileExists(atPath: directory.path("socket")) }) else {
      throw ToolFailure(message: "python3 did not start a server; install it (on Debian: apt install python3)")
    }
  }

  /// The paths that were asked for.
  var asked: [Substring] { directory.text("asked").split(separator: "\n") }

  /// Ends the stream of events.
  func endEvents() throws { try FileManager.default.removeItem(atPath: directory.path("events")) }

  deinit {
    try? life.close()
    process.waitUntilExit()
  }
}
