import TestSupport

/// A real HTTP server, on 127.0.0.1 and on a unix socket, that answers by the path's first part.
final class TestServer: Sendable {
  private static let answers = #"""
    class Answers(Handler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(201, self.headers.get("X-Asked", "").encode() + b"|" + body)

        def do_GET(self):
            case = self.path.split("?")[0].split("/")[1]
            if case == "empty": self.answer(204, b"")
            elif case == "busy": self.answer(503, b"later", ("Retry-After", "7"))
            elif case == "moved": self.answer(302, b"", ("Location", "/long"))
            elif case == "long": self.answer(200, b"x" * 100000)
            elif case == "silent": threading.Event().wait()
            elif case == "numbers": self.numbers()
            else: self.answer(404, b"")

        # A stream that ends only when its reader does.
        def numbers(self):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            number = 0
            try:
                while True:
                    line = b"%d\n" % number
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                    number += 1
                    time.sleep(0.001)
            except OSError: open(directory + "/ended", "w").write("numbers\n")
    """#

  var address: String { server.address }
  var socketPath: String { server.socketPath }
  private let server: LocalServer

  init() throws { server = try LocalServer(Self.answers, in: TemporaryDirectory()) }

  /// Waits until the server saw that the reader of its stream had gone.
  func endOfStream() throws -> String {
    guard waits(for: { !server.directory.lines("ended").isEmpty }) else {
      throw ToolFailure(message: "the server saw no end of its stream")
    }
    return server.directory.lines("ended")[0]
  }
}
