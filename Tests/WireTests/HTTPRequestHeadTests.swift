import TestSupport
import Testing
import Wire

@Suite struct HTTPRequestHeadTests {
  private func head(_ text: String) -> HTTPRequestHead? {
    if case .whole(let head) = HTTPRequestHead.read(Array(text.utf8).rawSpan) { head } else { nil }
  }

  @Test func `reads method, target and host`() {
    let read = head("GET /a?b=c HTTP/1.1\r\nAccept: */*\r\nhOST: \t www.example.org:8080 \r\n\r\n")
    #expect(read?.method == "GET" && read?.target == "/a?b=c" && read?.host == "www.example.org")
    #expect(head("CONNECT www.example.org:443 HTTP/1.1\r\n")?.host == "www.example.org")
    #expect(head("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n")?.host == "[2001:db8::1]")
    #expect(head("GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n")?.host == "[2001:db8::1]")
    #expect(head("GET / HTTP/1.1\r\nHost: :80\r\n\r\n").map { $0.host == nil } == true)
    #expect(head("GET / HTTP/1.0\n\n").map { $0.host == nil } == true)
  }

  @Test func `needs more bytes until the host or the head's end is there`() {
    let text = "OPTIONS * HTTP/1.1\r\nAccept: */*\r\nHost: a.example\r\n"
    for count in 0..<text.utf8.count {
      guard case .needsMore = HTTPRequestHead.read(Array(text.utf8.prefix(count)).rawSpan) else {
        Issue.record("\(count) bytes")
        return
      }
    }
    #expect(head(text)?.host == "a.example")
  }

  @Test(arguments: ["get / HTTP/1.1", "GETS / ", "\u{16}\u{3}", "HTTP/1.1 200 OK", "  GET / "])
  func `accepts nothing else as a request`(text: String) {
    guard case .other = HTTPRequestHead.read(Array(text.utf8).rawSpan) else {
      Issue.record("\(text)")
      return
    }
  }

  @Test func `looks for a host in the head's first 8192 bytes, not in the body`() {
    #expect(head("POST / HTTP/1.1\r\n\r\nHost: body.example\r\n").map { $0.host == nil } == true)
    let long = "GET / HTTP/1.1\r\nCookie: " + String(repeating: "x", count: 9000) + "\r\nHost: a.example\r\n"
    #expect(head(long).map { $0.host == nil } == true)
  }

  @Test func `escapes what could control a terminal`() {
    #expect(head("GET / HTTP/1.1\r\nHost: a\u{1B}]0;x\u{7}\r\n")?.host == "a\\027]0;x\\007")
  }
}
