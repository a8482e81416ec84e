extension ShellParser {
  /// The body of a here-document, which begins at the next line, or behind the one before it; nothing is taken. Where its
  /// delimiter is quoted it is literal, else what stands in it is expanded.
  mutating func document(until delimiter: String, stripsTabs: Bool, isLiteral: Bool) -> (word: ShellWord, line: Int) {
    var (start, firstLine) = nextDocument ?? (position, line)
    if nextDocument == nil {
      while start < bytes.count, bytes[start] != UInt8(ascii: "\n") { start += 1 }
      start = min(start + 1, bytes.count)
      firstLine += 1
    }
    var lines: [String] = []
    var end = start
    while end < bytes.count {
      let first = end
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      var text = String(decoding: bytes[first..<end], as: UTF8.self)
      end = min(end + 1, bytes.count)
      if stripsTabs { text = String(text.drop { $0 == "\t" }) }
      if text == delimiter { break }
      lines.append(text)
    }
    nextDocument = (end, firstLine + lines.count + 1)
    let text = lines.map { $0 + "\n" }.joined()
    guard !isLiteral else { return (ShellWord(pieces: [.text(text, isQuoted: true)], written: text), firstLine) }
    // A backslash before a quote stays there, unlike in a quoted word.
    guard !text.contains("\\\"") else { return (ShellWord(pieces: [.unknown(text)], written: text), firstLine) }
    var inner = ShellParser(text, firstLine: firstLine)
    inner.depth = depth
    var pieces: [ShellWord.Piece] = []
    while inner.peek != nil {
      let before = inner.position
      inner.quotedPieces(into: &pieces)
      // A quote ends a quoted word, and is nothing special here.
      if inner.position > before, inner.bytes[inner.position - 1] == UInt8(ascii: "\"") {
        pieces.append(.text("\"", isQuoted: true))
      }
    }
    return (ShellWord(pieces: pieces, written: text), firstLine)
  }
}
