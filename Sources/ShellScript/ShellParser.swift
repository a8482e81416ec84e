/// Parses a script. What it does not understand becomes a node of its own, so that nobody takes it for understood.
struct ShellParser {
  let bytes: [UInt8]
  var position = 0
  var line: Int
  var depth = 0
  /// Delimiters of here-documents whose bodies begin at the next line.
  var pendingDocuments: [PendingDocument] = []
  /// Whether a quote or a parenthesis is never closed.
  var isUnclosed = false
  /// Where the next of these bodies begins.
  var nextDocument: (position: Int, line: Int)?

  /// Deeper nesting is not understood.
  static let deepest = 50

  init(_ text: String, firstLine: Int = 1) {
    bytes = Array(text.utf8)
    line = firstLine
  }

  /// The whole script.
  static func parse(_ text: String, firstLine: Int = 1) -> ShellNode {
    var parser = ShellParser(text, firstLine: firstLine)
    var nodes: [ShellNode] = []
    while true {
      nodes.append(parser.list(until: []))
      guard let byte = parser.peek else {
        if parser.isUnclosed {
          nodes.append(.unknown(line: parser.line, text: "an unclosed quote or parenthesis"))
        }
        return .sequence(nodes)
      }
      // A closing word or sign without an opening one.
      nodes.append(.unknown(line: parser.line, text: parser.restOfLine(including: byte)))
    }
  }

  // MARK: - Bytes

  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  func comes(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

  mutating func advance() {
    guard let byte = peek else { return }
    if byte == UInt8(ascii: "\n") { line += 1 }
    position += 1
  }

  /// Skips the text if it comes next.
  mutating func skip(_ text: String) -> Bool {
    guard comes(text) else { return false }
    for _ in text.utf8 { advance() }
    return true
  }

  mutating func restOfLine(including byte: UInt8) -> String {
    let start = position
    if byte == UInt8(ascii: "\n") { advance() }
    while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
    return String(decoding: bytes[start..<min(position, start + 200)], as: UTF8.self)
  }

  /// Skips blanks, comments and continued lines, but no line ends.
  mutating func skipBlanks() {
    while let byte = peek {
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
        advance()
      } else if byte == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "\n") {
        advance()
        advance()
      } else if byte == UInt8(ascii: "#") {
        while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
      } else {
        return
      }
    }
  }

  /// Skips line ends as well, and the bodies of here-documents after them.
  mutating func skipLines() {
    skipBlanks()
    while peek == UInt8(ascii: "\n") {
      advance()
      skipDocuments()
      skipBlanks()
    }
  }

  private mutating func skipDocuments() {
    for document in pendingDocuments {
      let end = documentLines(from: position, document).end
      while position < end { advance() }
    }
    pendingDocuments = []
    nextDocument = nil
  }

  // MARK: - Lists

  /// Commands up to one of the reserved words or signs, which stay unread, or to the end.
  mutating func list(until ends: Set<String>) -> ShellNode {
    var nodes: [ShellNode] = []
    while true {
      skipLines()
      guard peek != nil, !atEnd(of: ends) else { break }
      let before = position
      var node = andOr(ends)
      skipBlanks()
      if peek == UInt8(ascii: "&"), peek(1) != UInt8(ascii: "&") {
        advance()
        node = .background(node)
      } else if peek == UInt8(ascii: ";"), peek(1) != UInt8(ascii: ";") {
        advance()
      }
      nodes.append(node)
      if position == before { break }
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private func atEnd(of ends: Set<String>) -> Bool {
    if peek == UInt8(ascii: ")") { return true }
    if comes(";;") { return true }
    let word = reservedWord()
    return word.map { ends.contains($0) || Self.closing.contains($0) } ?? false
  }

  private static let closing: Set<String> = ["then", "elif", "else", "fi", "do", "done", "esac", "}"]

  /// The plain word that comes next, if it could be a reserved one.
  func reservedWord() -> String? {
    var end = position
    while end < bytes.count, isNameByte(bytes[end]) || "{}![]".utf8.contains(bytes[end]) { end += 1 }
    guard end > position else { return nil }
    guard end == bytes.count || " \t\n;&|()<>".utf8.contains(bytes[end]) else { return nil }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private mutating func andOr(_ ends: Set<String>) -> ShellNode {
    var left = pipeline(ends)
    while true {
      skipBlanks()
      if skip("&&") {
        skipLines()
        left = .and(left, pipeline(ends))
      } else if skip("||") {
        skipLines()
        left = .or(left, pipeline(ends))
      } else {
        return left
      }
    }
  }

  private mutating func pipeline(_ ends: Set<String>) -> ShellNode {
    skipBlanks()
    if reservedWord() == "!" {
      advance()
      return .not(pipeline(ends))
    }
    var commands = [command()]
    while true {
      skipBlanks()
      guard peek == UInt8(ascii: "|"), peek(1) != UInt8(ascii: "|") else { break }
      advance()
      if peek == UInt8(ascii: "&") { advance() }
      skipLines()
      commands.append(command())
    }
    return commands.count == 1 ? commands[0] : .pipeline(commands)
  }
}

func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
  default: false
  }
}

/// Anything else is refused as a variable's name.
func isVariableName(_ text: String) -> Bool {
  guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
  return text.utf8.allSatisfy(isNameByte)
}
