import Foundation
import Glibc

/// A real HTTP server on 127.0.0.1 that records what is posted to it. How it answers is the path's first part.
final class WebhookServer: Sendable {
  struct Request: Decodable {
    let path: String
    /// By names in lower case.
    let fields: [String: String]
    /// The title as a mail program decodes it.
    let title: String
    let body: String
    /// In seconds of a clock that no one sets.
    let time: Double
  }

  private static let program = #"""
    import email.header, http.server, json, os, sys, threading, time
    directory = sys.argv[1]
    record = open(directory + "/requests", "a", buffering=1)
    lock = threading.Lock()
    seen = {}

    class Answers(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            case = self.path.split("?")[0].split("/")[1]
            with lock:
                seen[case] = seen.get(case, 0) + 1
                isFirst = seen[case] == 1
                title = str(email.header.make_header(email.header.decode_header(self.headers.get("Title", ""))))
                record.write(json.dumps({"path": self.path, "fields": {k.lower(): v for k, v in self.headers.items()},
                    "title": title, "body": body, "time": time.monotonic()}) + "\n")
            if case == "silent": threading.Event().wait()
            elif case == "closes" and isFirst: self.close_connection = True
            elif case == "flaky" and isFirst: self.answer(503)
            elif case == "broken": self.answer(503)
            elif case == "limited" and isFirst: self.answer(429, ("Retry-After", "1"))
            elif case == "dated" and isFirst:
                self.answer(503, ("Retry-After", self.date_time_string(int(time.time()) + 2)))
            elif case == "exhausted": self.answer(429, ("Retry-After", "86400"))
            elif case == "missing": self.answer(404)
            elif case == "moved": self.answer(302, ("Location", "/ok"))
            else: self.answer(200)

        def answer(self, status, *fields):
            self.send_response(status)
            for name, value in fields: self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_): pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    with open(directory + "/port.new", "w") as file: file.write(str(server.server_port) + "\n")
    os.rename(directory + "/port.new", directory + "/port")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
    """#

  let port: String
  private let directory: TemporaryDirectory
  /// The server ends when this does.
  private let life: FileHandle
  private let process: Process

  init() throws {
    directory = try TemporaryDirectory()
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.program, directory.path]
    let input = Pipe()
    life = input.fileHandleForWriting
    process.standardInput = input
    try process.run()
    guard waits(for: { [directory] in !directory.lines("port").isEmpty }) else {
      throw ToolFailure(message: "python3 did not start a server; install it (on Debian: apt install python3)")
    }
    port = directory.lines("port")[0]
  }

  deinit {
    try? life.close()
    process.waitUntilExit()
  }

  func address(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// What was posted to a path so far.
  func requests(_ path: String) throws -> [Request] {
    try directory.lines("requests").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
      .filter { $0.path.hasPrefix("/\(path)") }
  }
}
