extension ShellParser {
  /// A here-document whose body begins at the next line.
  struct PendingDocument {
    var delimiter: String
    var stripsTabs: Bool
    var isLiteral: Bool
  }

  /// The lines of a body, and where its delimiter's line ends. If the body is not literal, a line that ends in a
  /// backslash continues on the next one, which then cannot be the delimiter.
  func documentLines(from start: Int, _ document: PendingDocument) -> (lines: [String], end: Int) {
    var lines: [String] = []
    var end = start
    var begun = ""
    while end < bytes.count {
      let first = end
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      var text = String(decoding: bytes[first..<end], as: UTF8.self)
      end = min(end + 1, bytes.count)
      if document.stripsTabs { text = String(text.drop { $0 == "\t" }) }
      if begun + text == document.delimiter { break }
      lines.append(text)
      let backslashes = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\\") }.count
      let goesOn = !document.isLiteral && backslashes % 2 == 1
      // A text this long cannot be the delimiter.
      begun = goesOn ? String((begun + text.dropLast()).prefix(300)) : ""
    }
    return (lines, end)
  }

  /// The body of a here-document, which begins at the next line, or after the body before it. The position does not
  /// move. The body is literal if its delimiter is quoted; otherwise it is expanded.
  mutating func body(of document: PendingDocument) -> (word: ShellWord, line: Int) {
    var (start, firstLine) = nextDocument ?? (position, line)
    if nextDocument == nil {
      while start < bytes.count, bytes[start] != UInt8(ascii: "\n") { start += 1 }
      start = min(start + 1, bytes.count)
      firstLine += 1
    }
    let (lines, end) = documentLines(from: start, document)
    nextDocument = (end, firstLine + lines.count + 1)
    let text = lines.map { $0 + "\n" }.joined()
    guard !document.isLiteral else {
      return (ShellWord(pieces: [.text(text, isQuoted: true)], written: text), firstLine)
    }
    // A backslash before a quote stays there, unlike in a quoted word.
    guard !text.contains("\\\"") else { return (ShellWord(pieces: [.unknown(text)], written: text), firstLine) }
    var inner = ShellParser(text, firstLine: firstLine)
    inner.depth = depth
    var pieces: [ShellWord.Piece] = []
    while inner.peek != nil {
      let before = inner.position
      inner.quotedPieces(into: &pieces)
      // A quote ends a quoted word, but means nothing special here.
      if inner.position > before, inner.bytes[inner.position - 1] == UInt8(ascii: "\"") {
        pieces.append(.text("\"", isQuoted: true))
      }
    }
    return (ShellWord(pieces: pieces, written: text), firstLine)
  }
}
