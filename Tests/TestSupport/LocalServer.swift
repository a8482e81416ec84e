import Foundation

/// A real HTTP server, on 127.0.0.1 and on a unix socket, that ends with its value.
///
/// It is Python's, so that what this project sends and reads meets another's reading of HTTP.
public final class LocalServer: Sendable {
  private static let beginning = #"""
    import http.server, os, socketserver, sys, threading, time
    directory = sys.argv[1]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def address_string(self): return "client"
        def log_message(self, *_): pass

        def answer(self, status, body=b"", *fields):
            self.send_response(status)
            for name, value in fields: self.send_header(name, value)
            if status != 204: self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Local(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True
        def handle_error(self, *_): pass

    """#

  private static let ending = #"""

    remote = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    local = Local(directory + "/socket", Answers)
    for server in (remote, local): threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(directory + "/port.new", "w") as file: file.write(str(remote.server_port) + "\n")
    os.rename(directory + "/port.new", directory + "/port")
    sys.stdin.read()
    os._exit(0)
    """#

  /// Without a slash at its end.
  public let address: String
  public var socketPath: String { directory.path("socket") }
  /// Where `answers` reads and writes.
  public let directory: TemporaryDirectory
  /// The server ends when this does.
  private let life: FileHandle
  private let process: Process

  /// - Parameter answers: what it answers: in Python, a class `Answers` that inherits from `Handler`. `directory` is the
  ///   directory's path there.
  public init(_ answers: String, in directory: TemporaryDirectory) throws {
    self.directory = directory
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.beginning + answers + Self.ending, directory.path]
    let input = Pipe()
    life = input.fileHandleForWriting
    process.standardInput = input
    try process.run()
    guard waits(for: { !directory.lines("port").isEmpty }) else {
      throw ToolFailure(message: "python3 did not start a server; install it (on Debian: apt install python3)")
    }
    address = "http://127.0.0.1:\(directory.lines("port")[0])"
  }

  deinit {
    try? life.close()
    process.waitUntilExit()
  }
}
