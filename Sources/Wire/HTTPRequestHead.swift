/// The head of an HTTP/1 request (RFC 9112 section 3).
public struct HTTPRequestHead: Hashable, Sendable {
  public let method: String
  /// What is asked for (RFC 9112 section 3.2), at most its first 4096 bytes.
  public let target: String
  /// The Host field's value (RFC 9110 section 7.2), or the authority of CONNECT; nil where the head has none.
  public let host: String?

  /// What a request begins with; a method of somebody's own is not looked for.
  private static let methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"]
  /// Servers take no longer heads.
  private static var maximumLength: Int { 8192 }

  /// Reads the beginning of a connection, or what comes behind an earlier request. Whole as soon as the host is known.
  public static func read(_ beginning: RawSpan) -> StreamReading<HTTPRequestHead> {
    guard beginning.byteCount > 0 else { return .needsMore }
    guard let method = methods.first(where: { isMethod($0, beginning) }) else { return .other }
    let bytes = beginning.extracting(first: maximumLength)
    let lines = HeaderLines(bytes)
    guard let first = lines.list.first else {
      return lines.isWhole || bytes.byteCount == maximumLength ? .other : .needsMore
    }
    let target = target(bytes.extracting(first).extracting(droppingFirst: method.utf8.count + 1))
    var host = method == "CONNECT" ? target : nil
    for line in lines.list.dropFirst() where host == nil {
      host = HeaderLines.value(of: "host", bytes.extracting(line))
    }
    guard host != nil || lines.isWhole || bytes.byteCount == maximumLength else { return .needsMore }
    return .whole(HTTPRequestHead(method: method, target: target, host: host.flatMap { $0.isEmpty ? nil : $0 }))
  }

  /// Methods are case-sensitive, so no letter in lower case is looked for.
  private static func isMethod(_ method: String, _ bytes: RawSpan) -> Bool {
    HeaderLines.agrees(bytes, with: method + " ")
  }

  private static func target(_ bytes: RawSpan) -> String {
    var end = 0
    while end < min(bytes.byteCount, 4096), bytes.uint8(at: end) != 0x20 { end += 1 }
    return EscapedText.text(bytes.extracting(first: end))
  }
}
