/// The head of an HTTP/1 request (RFC 9112 section 3), as far as one TCP segment carries it.
public struct HTTPRequestHead: Sendable {
  public let method: String
  /// The Host field's value (RFC 9110 section 7.2), or the authority of CONNECT; nil where the segment has none.
  public let host: String?

  /// What a request begins with; a method of somebody's own is not looked for.
  private static let methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"]

  /// Nil for what is no request.
  public init?(_ payload: RawSpan) {
    let bytes = payload.extracting(first: 8192)
    guard let method = Self.methods.first(where: { Self.begins(bytes, at: 0, with: $0 + " ") }) else { return nil }
    self.method = method
    var lineStart = 0
    var position = 0
    var host: String?
    while position < bytes.byteCount, host == nil {
      guard bytes.uint8(at: position) == UInt8(ascii: "\n") else {
        position += 1
        continue
      }
      var end = position
      if end > lineStart, bytes.uint8(at: end - 1) == UInt8(ascii: "\r") { end -= 1 }
      if end == lineStart { break }
      if Self.begins(bytes, at: lineStart, with: "host:") {
        host = Self.text(bytes.extracting(lineStart + 5..<end))
      } else if lineStart == 0, method == "CONNECT" {
        let target = bytes.extracting(8..<max(8, end))
        host = Self.text(target).map { String($0.prefix { $0 != " " }) }
      }
      position += 1
      lineStart = position
    }
    self.host = host
  }

  /// Without regard to ASCII case.
  private static func begins(_ bytes: RawSpan, at offset: Int, with text: String) -> Bool {
    var position = offset
    for wanted in text.utf8 {
      guard position < bytes.byteCount else { return false }
      let byte = bytes.uint8(at: position)
      let upper = (0x61...0x7A).contains(wanted) ? wanted - 0x20 : wanted
      guard byte == wanted || byte == upper else { return false }
      position += 1
    }
    return true
  }

  /// Without white space around it; nil where nothing is left.
  private static func text(_ bytes: RawSpan) -> String? {
    var start = 0
    var end = min(bytes.byteCount, 261)
    while start < end, isBlank(bytes.uint8(at: start)) { start += 1 }
    while end > start, isBlank(bytes.uint8(at: end - 1)) { end -= 1 }
    return start < end ? EscapedText.text(bytes.extracting(start..<end)) : nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
