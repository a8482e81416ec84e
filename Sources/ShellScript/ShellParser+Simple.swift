/// Commands of words, with their assignments, and with what they read and write.
extension ShellParser {
  mutating func simple() -> ShellNode {
    var command = ShellNode.SimpleCommand(line: line)
    let start = position
    while true {
      skipBlanks()
      if skipRedirection(&command) { continue }
      if command.words.isEmpty, let assignment = assignment() {
        command.assignments.append(assignment)
        continue
      }
      let isDeclaration = command.words.first.map { Self.declaring.contains($0.written) } ?? false
      if isDeclaration, let assignment = assignment() {
        command.declarations.append(assignment)
        continue
      }
      guard let word = word() else { break }
      command.words.append(word)
    }
    // A parenthesis after words makes a function of a name that is not read here.
    guard position > start, command.words.isEmpty || peek != UInt8(ascii: "(") else {
      return .unknown(line: line, text: restOfLine(including: peek ?? 0))
    }
    return .simple(command)
  }

  private static let declaring: Set<String> = ["export", "local", "readonly", "declare", "typeset"]

  private mutating func assignment() -> ShellNode.SimpleCommand.Assignment? {
    var end = position
    while end < bytes.count, isNameByte(bytes[end]) { end += 1 }
    guard end > position, !(0x30...0x39).contains(bytes[position]), end < bytes.count else { return nil }
    let nameEnd = end
    let index = element(&end)
    guard end < bytes.count else { return nil }
    let isAppending = bytes[end] == UInt8(ascii: "+")
    guard bytes[(isAppending ? end + 1 : end)...].first == UInt8(ascii: "=") else { return nil }
    let name = String(decoding: bytes[position..<nameEnd], as: UTF8.self)
    position = end + (isAppending ? 2 : 1)
    if let index { return .init(name: name, words: [word() ?? ShellWord()], isAppending: isAppending, index: index) }
    guard skip("(") else { return .init(name: name, words: [word() ?? ShellWord()], isAppending: isAppending) }
    var words: [ShellWord] = []
    skipLines()
    while let word = word() {
      words.append(word)
      skipLines()
    }
    if !skip(")") { isUnclosed = true }
    return .init(name: name, words: words, isArray: true, isAppending: isAppending)
  }

  /// `[0]` after an array's name; only numbers are followed.
  private func element(_ end: inout Int) -> Int? {
    guard bytes[end] == UInt8(ascii: "[") else { return nil }
    let digits = bytes[(end + 1)...].prefix { (0x30...0x39).contains($0) }
    guard digits.count <= 4, let index = Int(String(decoding: digits, as: UTF8.self)),
      bytes[digits.endIndex...].first == UInt8(ascii: "]")
    else { return nil }
    end = digits.endIndex + 1
    return index
  }

  /// `>file`, `2>&1`, `&>file`, `<file`, `<<END`.
  mutating func skipRedirection(_ command: inout ShellNode.SimpleCommand) -> Bool {
    var end = position
    while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
    if end < bytes.count, bytes[end] == UInt8(ascii: "&"), bytes[(end + 1)...].first == UInt8(ascii: ">") { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "<") || bytes[end] == UInt8(ascii: ">") else { return false }
    if bytes[(end + 1)...].first == UInt8(ascii: "(") { return false }
    let first = position
    position = end
    let isDocument = comes("<<") && !comes("<<<")
    let isString = comes("<<<")
    // A descriptor other than 0 is not the standard input, nor is a copy of one.
    let isInput = peek == UInt8(ascii: "<") && (position == first || bytes[first..<position].elementsEqual([0x30]))
    let isOutput = peek == UInt8(ascii: ">")
    let isPlain = isInput && peek(1) != UInt8(ascii: "&") && peek(1) != UInt8(ascii: ">")
    let isCopy = peek(1) == UInt8(ascii: "&")
    while let byte = peek, "<>&|".utf8.contains(byte) { advance() }
    let stripsTabs = isDocument && skip("-")
    skipBlanks()
    guard let target = word() else { return true }
    // `2>&1` and `2>&-` name a descriptor, not a file.
    let isDescriptor =
      isCopy && (target.written == "-" || target.written.utf8.allSatisfy { (0x30...0x39).contains($0) })
    if isOutput, !isDescriptor { command.outputs.append(target) }
    if !isOutput, !isDocument, !isPlain, !(isString && isInput) { command.sources.append(target) }
    if isDocument {
      let delimiter = target.written.filter { $0 != "\"" && $0 != "'" && $0 != "\\" }
      let pending = PendingDocument(
        delimiter: delimiter, stripsTabs: stripsTabs, isLiteral: delimiter != target.written)
      pendingDocuments.append(pending)
      let body = body(of: pending)
      if isInput { command.input = .document(body.word, line: body.line) }
    } else if isString, isInput {
      var word = target
      word.pieces.append(.text("\n", isQuoted: true))
      command.input = .document(word, line: line)
    } else if isPlain {
      command.input = .file(target)
    } else if isInput {
      command.input = .file(ShellWord(pieces: [.unknown(target.written)], written: target.written))
    }
    return true
  }
}
