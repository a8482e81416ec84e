import Testing

@testable import Serving

@Suite struct RequestHeadTests {
  private static let whole = "GET /api/leaks?offset=10&limit=5 HTTP/1.1\r\nHost: localhost:10478\r\nAccept: */*\r\n\r\n"

  private func read(_ text: String) -> RequestHead.Reading { RequestHead.read(Array(text.utf8)) }

  @Test func `reads a request and its fields`() throws {
    guard case .head(let head) = read(Self.whole) else {
      Issue.record("not read")
      return
    }
    #expect(head.method == "GET")
    #expect(head.values("host") == ["localhost:10478"])
    let request = Request(head.target)
    #expect(request.path == "/api/leaks")
    #expect(request.query == ["offset": "10", "limit": "5"])
  }

  @Test func `waits for the rest of every prefix`() {
    for length in 0..<Self.whole.utf8.count - 1 {
      #expect(RequestHead.read(Array(Self.whole.utf8.prefix(length))) == .unfinished, "\(length)")
    }
  }

  @Test(arguments: [
    "GET / HTTP/2\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "GET http://x/ HTTP/1.1\r\n\r\n",
    "G(T / HTTP/1.1\r\n\r\n", "GET /\u{7F} HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n", "GET / HTTP/1.1\r\nHost: \u{0}\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n",
  ])
  func `refuses anything but a plain request`(text: String) {
    #expect(read(text) == .refused(.badRequest))
  }

  @Test func `refuses a head that does not end, and one of too many fields`() {
    #expect(read("GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 8192)) == .refused(.headTooLarge))
    let fields = String(repeating: "X: y\r\n", count: 65)
    #expect(read("GET / HTTP/1.1\r\n\(fields)\r\n") == .refused(.headTooLarge))
  }
}
