import Foundation
import TestSupport

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

  private static let answers = #"""
    import email.header, json
    record = open(directory + "/requests", "a", buffering=1)
    lock = threading.Lock()
    seen = {}

    class Answers(Handler):
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
            elif case == "limited" and isFirst: self.answer(429, b"", ("Retry-After", "1"))
            elif case == "dated" and isFirst:
                self.answer(503, b"", ("Retry-After", self.date_time_string(int(time.time()) + 2)))
            elif case == "exhausted": self.answer(429, b"", ("Retry-After", "86400"))
            elif case == "nobody": self.answer(204)
            elif case == "missing": self.answer(404)
            elif case == "moved": self.answer(302, b"", ("Location", "/ok"))
            else: self.answer(200)
    """#

  private let server: LocalServer

  init() throws { server = try LocalServer(Self.answers, in: TemporaryDirectory()) }

  func address(_ path: String) -> String { "\(server.address)/\(path)" }

  /// What was posted to a path so far.
  func requests(_ path: String) throws -> [Request] {
    try server.directory.lines("requests").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
      .filter { $0.path.hasPrefix("/\(path)") }
  }
}
