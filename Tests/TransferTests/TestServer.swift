import Foundation

/// A real HTTP server, on 127.0.0.1 and on a unix socket, that answers by the path's first part.
final class TestServer: Sendable {
  private static let program = #"""
    import http.server, os, socketserver, sys, threading, time
    directory = sys.argv[1]

    class Answers(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def address_string(self): return "client"
        def log_message(self, *_): pass

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

        def answer(self, status, body, *fields):
            self.send_response(status)
            for name, value in fields: self.send_header(name, value)
            if status != 204: self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Local(socketserver.ThreadingMixIn, socketserver.UnixStreamServer): daemon_threads = True

    remote = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    local = Local(directory + "/socket", Answers)
    for server in (remote, local): threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(directory + "/port.new", "w") as file: file.write(str(remote.server_port) + "\n")
    os.rename(directory + "/port.new", directory + "/port")
    sys.stdin.read()
    os._exit(0)
    """#

  let address: String
  var socketPath: String { "\(directory)/socket" }
  private let directory: String
  /// The server ends when this does.
  private let life: FileHandle
  private let process: Process

  init() throws {
    directory = "\(NSTemporaryDirectory())/transfer-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.program, directory]
    let input = Pipe()
    life = input.fileHandleForWriting
    process.standardInput = input
    try process.run()
    let port = try Self.line(of: "\(directory)/port")
    address = "http://127.0.0.1:\(port)"
  }

  deinit {
    try? life.close()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Waits until the server saw that the reader of its stream had gone.
  func endOfStream() throws -> String { try Self.line(of: "\(directory)/ended") }

  private static func line(of path: String) throws -> String {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
      let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
      if let text, text.hasSuffix("\n") { return String(text.dropLast()) }
      Thread.sleep(forTimeInterval: 0.005)
    }
    throw ToolFailure(message: "no \(path); python3 is needed (on Debian: apt install python3)")
  }
}

struct ToolFailure: Error {
  let message: String
}
