/// The head of an HTTP/1.x request (RFC 9112 sections 2 to 6), read strictly: ambiguous heads are refused.
package struct RequestHead: Equatable, Sendable {
  /// A longer head, or one with more fields, is refused before more is read.
  package static var limit: Int { 8192 }
  package static var fieldLimit: Int { 64 }

  package var method: String
  /// The target as sent: a path, and a query after a question mark.
  package var target: String
  /// Names in lower case, in the order in which they came.
  package var fields: [(name: String, value: String)]

  package static func == (left: Self, right: Self) -> Bool {
    left.method == right.method && left.target == right.target
      && left.fields.elementsEqual(right.fields) { $0 == $1 }
  }

  package enum Reading: Equatable {
    case unfinished
    case head(RequestHead)
    case refused(Status)
  }

  /// Reads what a connection has sent so far.
  package static func read(_ bytes: [UInt8]) -> Reading {
    guard let end = end(of: bytes) else { return bytes.count >= limit ? .refused(.headTooLarge) : .unfinished }
    guard end <= limit else { return .refused(.headTooLarge) }
    var lines = bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
      line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
    // An empty line before the request is skipped (section 2.2).
    if lines.first?.isEmpty == true { lines.removeFirst() }
    guard let first = lines.first, let request = requestLine(first) else { return .refused(.badRequest) }
    guard lines.count - 1 <= fieldLimit else { return .refused(.headTooLarge) }
    var head = RequestHead(method: request.method, target: request.target, fields: [])
    for line in lines.dropFirst() where !line.isEmpty {
      guard let field = field(line) else { return .refused(.badRequest) }
      head.fields.append(field)
    }
    return .head(head)
  }

  /// The values of a field, by its name in lower case.
  package func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  /// The position of the line feed of the empty line that ends the head; nil if it has not come yet.
  private static func end(of bytes: [UInt8]) -> Int? {
    var isLineEmpty = false
    var hasText = false
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "\n"):
        if isLineEmpty, hasText { return index }
        isLineEmpty = true
      case UInt8(ascii: "\r"): break
      default:
        isLineEmpty = false
        hasText = true
      }
    }
    return nil
  }

  private static func requestLine(_ line: ArraySlice<UInt8>) -> (method: String, target: String)? {
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isTokenByte),
      words[1].first == UInt8(ascii: "/"), words[1].allSatisfy({ (0x21...0x7E).contains($0) }),
      words[2].elementsEqual("HTTP/1.1".utf8) || words[2].elementsEqual("HTTP/1.0".utf8)
    else { return nil }
    return (text(words[0]), text(words[1]))
  }

  private static func field(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let name = line[..<colon]
    // No folded line and no blank before the colon (section 5.1): readers disagree about both.
    guard !name.isEmpty, name.allSatisfy(isTokenByte) else { return nil }
    let value = line[(colon + 1)...]
    guard value.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }) else { return nil }
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let trimmed = value.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
    return (text(name).lowercased(), String(decoding: trimmed, as: UTF8.self))
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  /// RFC 9110 section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
