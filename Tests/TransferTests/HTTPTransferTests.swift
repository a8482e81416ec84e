import Foundation
import Testing
import Transfer

/// libcurl against a real server: Python's, on loopback and on a unix socket.
@Suite struct HTTPTransferTests {
  /// Answers by the path that is asked for.
  private final class Server {
    private static let script = """
      import http.server, socket, socketserver, sys, time
      class Handler(http.server.BaseHTTPRequestHandler):
          def log_message(self, *arguments): pass
          def address_string(self): return ""
          def do_GET(self):
              if self.path == "/silent": time.sleep(30)
              status = {"/moved": 302, "/busy": 503}.get(self.path, 200)
              self.send_response(status)
              if status == 302: self.send_header("Location", "/")
              if status == 503: self.send_header("Retry-After", "7")
              self.end_headers()
              if self.path == "/long": self.wfile.write(b"x" * 100000)
              elif self.path == "/stream":
                  for number in range(3):
                      self.wfile.write(b"%d\\n" % number)
                      self.wfile.flush()
                      time.sleep(0.05)
              else: self.wfile.write(self.path.encode())
          def do_POST(self):
              body = self.rfile.read(int(self.headers["Content-Length"]))
              self.send_response(200)
              self.end_headers()
              self.wfile.write(self.headers["X-Test"].encode() + b" " + body)
      class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
          daemon_threads = True
          allow_reuse_address = True
      class UnixServer(Server):
          address_family = socket.AF_UNIX
          def get_request(self): return super().get_request()[0], ("unix", 0)
      server = UnixServer(sys.argv[1], Handler) if len(sys.argv) > 1 else Server(("127.0.0.1", 0), Handler)
      print(server.server_address[1] if len(sys.argv) < 2 else 0, flush=True)
      server.serve_forever()
      """
    private let process = Process()
    let port: Int

    init(socket: String? = nil) throws {
      let output = Pipe()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3", "-c", Self.script] + [socket].compactMap(\.self)
      process.standardOutput = output
      try process.run()
      let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Foundation starts programs with the signals blocked that a worker thread blocks: only this one gets through.
    deinit { kill(process.processIdentifier, SIGKILL) }

    func request(_ path: String) -> HTTPRequest { HTTPRequest("http://127.0.0.1:\(port)\(path)") }
  }

  @Test func `gets, posts, and follows no redirect`() throws {
    let server = try Server()
    let reply = try HTTPTransfer.perform(server.request("/here"))
    #expect(reply.status == 200)
    #expect(String(decoding: reply.body, as: UTF8.self) == "/here")
    #expect(try HTTPTransfer.perform(server.request("/moved")).status == 302)
    let busy = try HTTPTransfer.perform(server.request("/busy"))
    #expect(busy.status == 503)
    #expect(busy.retryAfter == "7")
    var post = server.request("/")
    post.method = "POST"
    post.body = Array("alert\0s".utf8)
    post.fields = [("X-Test", "value")]
    #expect(String(decoding: try HTTPTransfer.perform(post).body, as: UTF8.self) == "value alert\0s")
  }

  @Test func `keeps its bounds: of time, of length, of protocol, of header fields`() throws {
    let server = try Server()
    var silent = server.request("/silent")
    silent.limit = .milliseconds(200)
    let start = ContinuousClock.now
    #expect(throws: TransferError.self) { try HTTPTransfer.perform(silent) }
    #expect(ContinuousClock.now - start < .seconds(5))
    var long = server.request("/long")
    long.bodyLimit = 1000
    #expect(throws: TransferError(reason: "the answer is longer than 1000 bytes")) { try HTTPTransfer.perform(long) }
    #expect(throws: TransferError.self) { try HTTPTransfer.perform(HTTPRequest("file:///etc/passwd")) }
    var injected = server.request("/")
    injected.fields = [("X-Test", "a\r\nX-Other: b")]
    #expect(throws: TransferError.self) { try HTTPTransfer.perform(injected) }
  }

  @Test func `streams in pieces until its reader has enough, and hands over no page of an error`() throws {
    let server = try Server()
    var pieces: [UInt8] = []
    let status = try HTTPTransfer.stream(server.request("/stream")) { bytes in
      pieces += bytes
      return pieces.count < 4
    }
    #expect(status == 200)
    #expect(pieces.starts(with: Array("0\n1\n".utf8)) && pieces.count < 6)
    var page: [UInt8] = []
    let failure = try HTTPTransfer.stream(server.request("/busy")) { bytes in
      page += bytes
      return true
    }
    #expect(failure == 503)
    #expect(page.isEmpty)
  }

  @Test func `speaks through a unix socket`() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "leakaudit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let socket = directory.appending(path: "s").path
    let server = try Server(socket: socket)
    var request = HTTPRequest("http://docker/through")
    request.socketPath = socket
    #expect(String(decoding: try HTTPTransfer.perform(request).body, as: UTF8.self) == "/through")
    #expect(server.port == 0)
  }
}
