/// The lines of an HTTP/1 head (RFC 9112 section 2.1), up to the empty line.
struct HeaderLines {
  /// The range of each line, without its line ending. A last line without an ending is left out.
  private(set) var list: [Range<Int>] = []
  /// Whether the empty line was found.
  private(set) var isWhole = false

  init(_ bytes: RawSpan) {
    var start = 0
    for position in 0..<bytes.byteCount where bytes.uint8(at: position) == UInt8(ascii: "\n") {
      let hasReturn = position > start && bytes.uint8(at: position - 1) == UInt8(ascii: "\r")
      let end = hasReturn ? position - 1 : position
      if end == start {
        isWhole = true
        return
      }
      list.append(start..<end)
      start = position + 1
    }
  }

  /// The field's value, without white space around it. `name` is in lower case. Nil if the field has another name or an
  /// empty value.
  static func value(of name: String, _ line: RawSpan) -> String? {
    guard begins(line, with: name + ":") else { return nil }
    return text(line.extracting(droppingFirst: name.utf8.count + 1))
  }

  /// Whether the bytes begin with `text`. A lower-case letter in `text` also matches its upper case.
  static func begins(_ bytes: RawSpan, with text: String) -> Bool {
    bytes.byteCount >= text.utf8.count && agrees(bytes, with: text)
  }

  /// Whether the bytes begin with `text`, or are a beginning of it.
  static func agrees(_ bytes: RawSpan, with text: String) -> Bool {
    for (position, wanted) in text.utf8.enumerated() {
      guard position < bytes.byteCount else { return true }
      let byte = bytes.uint8(at: position)
      let upper = (0x61...0x7A).contains(wanted) ? wanted - 0x20 : wanted
      guard byte == wanted || byte == upper else { return false }
    }
    return true
  }

  private static func text(_ bytes: RawSpan) -> String? {
    var start = 0
    var end = min(bytes.byteCount, 261)
    while start < end, isBlank(bytes.uint8(at: start)) { start += 1 }
    while end > start, isBlank(bytes.uint8(at: end - 1)) { end -= 1 }
    return start < end ? EscapedText.text(bytes.extracting(start..<end)) : nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
