package struct Response: Sendable {
  package var status: Status
  package var contentType: String
  package var body: String
  /// What the page in it may do (CSP level 3): nothing, unless the page states otherwise.
  package var contentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  /// Further fields of this response alone.
  var fields: [(name: String, value: String)] = []

  package init(_ status: Status, _ contentType: String, _ body: String) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  package static var text: String { "text/plain; charset=utf-8" }

  /// A refusal, with what to do about it.
  static func refusal(_ status: Status, _ sentence: String) -> Response {
    var response = Response(status, Self.text, "\(sentence)\n")
    if status == .methodNotAllowed { response.fields.append(("Allow", "GET, HEAD")) }
    if status == .unauthorized {
      response.fields += ["Bearer", "Basic"].map { ("WWW-Authenticate", "\($0) realm=\"leakaudit\"") }
    }
    return response
  }

  /// The whole message, or only its head for a HEAD request.
  func bytes(withBody: Bool) -> [UInt8] {
    let length = body.utf8.count
    return Array((head + "Content-Length: \(length)\r\n\r\n").utf8) + (withBody ? Array(body.utf8) : [])
  }

  /// The head without a length: the body then ends with the connection.
  var head: String {
    let lines =
      [
        ("Content-Type", contentType), ("Connection", "close"), ("Cache-Control", "no-store"),
        ("Content-Security-Policy", contentSecurityPolicy), ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
      ] + fields
    return "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n" + lines.map { "\($0.0): \($0.1)\r\n" }.joined()
  }
}

/// A site's answer to a request, given on the server's thread, where nothing may wait.
package enum Answer: Sendable {
  case response(Response)
  /// Nothing yet. The site is asked again at the next wake-up; if no answer comes in time, this one is sent.
  case later(otherwise: Response)
  /// From here on, events are sent as they come.
  case events
}

package protocol Site: Sendable {
  func answer(_ request: Request) -> Answer
}
