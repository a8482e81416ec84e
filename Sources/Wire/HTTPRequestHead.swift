/// The head of an HTTP/1 request (RFC 9112 section 3).
public struct HTTPRequestHead: Hashable, Sendable {
  public let method: String
  /// The request target (RFC 9112 section 3.2), at most its first 4096 bytes.
  public let target: String
  /// The Host field's value (RFC 9110 section 7.2), or CONNECT's authority, without the port. Nil if there is none.
  public let host: String?

  /// The methods with which a request may begin. Nonstandard methods are not recognized.
  private static let methods = [
    "GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE ",
  ]
  /// How many bytes are searched for the host. By default, common servers accept no longer heads.
  private static var maximumLength: Int { 8192 }

  /// Reads the beginning of a connection, or what follows an earlier request. The head is whole once the host is known.
  public static func read(_ beginning: RawSpan) -> StreamReading<HTTPRequestHead> {
    guard beginning.byteCount > 0 else { return .needsMore }
    guard let method = methods.first(where: { HeaderLines.agrees(beginning, with: $0) })?.dropLast() else {
      return .other
    }
    let bytes = beginning.extracting(first: maximumLength)
    let lines = HeaderLines(bytes)
    guard let first = lines.list.first else {
      return lines.isWhole || bytes.byteCount == maximumLength ? .other : .needsMore
    }
    let target = target(bytes.extracting(first).extracting(droppingFirst: method.utf8.count + 1))
    var host = method == "CONNECT" ? String(target.prefix(261)) : nil
    for line in lines.list.dropFirst() where host == nil {
      host = HeaderLines.value(of: "host", bytes.extracting(line))
    }
    guard host != nil || lines.isWhole || bytes.byteCount == maximumLength else { return .needsMore }
    return .whole(HTTPRequestHead(method: String(method), target: target, host: host.flatMap(name)))
  }

  private static func target(_ bytes: RawSpan) -> String {
    var end = 0
    while end < min(bytes.byteCount, 4096), bytes.uint8(at: end) != 0x20 { end += 1 }
    return EscapedText.text(bytes.extracting(first: end))
  }

  /// The host without its port. Nil if nothing is left.
  private static func name(_ host: String) -> String? {
    let port = host.reversed().prefix { $0.isASCII && $0.isNumber }.count
    let name = host.dropLast(port).hasSuffix(":") ? host.dropLast(port + 1) : host[...]
    return name.isEmpty ? nil : String(name)
  }
}
