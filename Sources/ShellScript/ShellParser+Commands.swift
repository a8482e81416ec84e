extension ShellParser {
  /// One command: compound, function, or simple.
  mutating func command() -> ShellNode {
    skipBlanks()
    let start = line
    guard depth < Self.deepest else { return .unknown(line: start, text: restOfLine(including: peek ?? 0)) }
    depth += 1
    defer { depth -= 1 }
    if comes("((") { return arithmetic(start) }
    if skip("(") {
      let body = list(until: [])
      return close(skip(")"), .subshell(body), start)
    }
    switch reservedWord() {
    case "{":
      advance()
      let body = list(until: ["}"])
      return close(takeWord("}"), body, start)
    case "if":
      _ = takeWord("if")
      return choice(start)
    case "while", "until":
      let isUntil = !takeWord("while")
      if isUntil { _ = takeWord("until") }
      let condition = list(until: ["do"])
      guard takeWord("do") else { return broken(start) }
      let body = list(until: ["done"])
      return close(takeWord("done"), .loop(condition: condition, isUntil: isUntil, body: body, line: start), start)
    case "for": return forEach(start)
    case "case": return match(start)
    case "function":
      _ = takeWord("function")
      skipBlanks()
      return function(start)
    case "[[": return close(true, test(start), start)
    default: return isFunctionDefinition ? function(start) : simple()
    }
  }

  mutating func takeWord(_ word: String) -> Bool {
    skipLines()
    guard reservedWord() == word else { return false }
    return skip(word)
  }

  private mutating func close(_ isClosed: Bool, _ node: ShellNode, _ start: Int) -> ShellNode {
    guard isClosed else { return broken(start) }
    var command = ShellNode.SimpleCommand(line: line)
    let before = position
    repeat { skipBlanks() } while skipRedirection(&command)
    let isRedirected = command.input != nil || !command.outputs.isEmpty || !command.sources.isEmpty
    return isRedirected && position > before ? .redirected(node, command) : node
  }

  private mutating func broken(_ start: Int) -> ShellNode {
    .unknown(line: start, text: restOfLine(including: peek ?? 0))
  }

  /// `(( … ))` on one line. Two words beside each other are no arithmetic, but commands in two subshells.
  private mutating func arithmetic(_ start: Int) -> ShellNode {
    let first = position
    while let byte = peek, byte != UInt8(ascii: "\n"), !comes("))") { advance() }
    let text = String(decoding: bytes[first..<position].dropFirst(2), as: UTF8.self)
    let words = text.split(whereSeparator: \.isWhitespace)
    let isCommand = zip(words, words.dropFirst()).contains { left, right in
      (left.last?.isLetter ?? false || left.last?.isNumber ?? false)
        && (right.first?.isLetter ?? false || right.first == "-" && right.count > 1)
    }
    guard skip("))"), !isCommand, !text.contains(";") else { return broken(start) }
    return close(true, .arithmetic(text, line: start), start)
  }

  /// `[[ … ]]`
  private mutating func test(_ start: Int) -> ShellNode {
    _ = skip("[[")
    var words: [ShellWord] = []
    var isSimple = true
    while peek != nil {
      skipLines()
      if reservedWord() == "]]" {
        _ = skip("]]")
        return .test(words: words, isSimple: isSimple, line: start)
      }
      if let word = word() {
        words.append(word)
        if word.written == "!" { isSimple = false }
      } else {
        isSimple = false
        advance()
      }
    }
    return broken(start)
  }

  private mutating func choice(_ start: Int) -> ShellNode {
    let condition = list(until: ["then"])
    guard takeWord("then") else { return broken(start) }
    let body = list(until: ["elif", "else", "fi"])
    if takeWord("elif") { return .choice(condition: condition, then: body, otherwise: choice(start)) }
    var otherwise: ShellNode?
    if takeWord("else") { otherwise = list(until: ["fi"]) }
    return close(takeWord("fi"), .choice(condition: condition, then: body, otherwise: otherwise), start)
  }

  private mutating func forEach(_ start: Int) -> ShellNode {
    _ = takeWord("for")
    skipBlanks()
    guard let name = reservedWord() else { return broken(start) }
    _ = skip(name)
    var words: [ShellWord] = []
    if takeWord("in") {
      skipBlanks()
      while let word = word() {
        words.append(word)
        skipBlanks()
      }
    } else {
      var whole = ShellWord.Reference(name: "@")
      whole.isWhole = true
      words = [.init(pieces: [.variable(whole, isQuoted: true)], written: "$@")]
    }
    skipBlanks()
    _ = skip(";")
    guard takeWord("do") else { return broken(start) }
    let body = list(until: ["done"])
    return close(takeWord("done"), .forEach(name: name, words: words, body: body), start)
  }

  private mutating func match(_ start: Int) -> ShellNode {
    _ = takeWord("case")
    skipBlanks()
    guard let subject = word(), takeWord("in") else { return broken(start) }
    var branches: [(patterns: [ShellWord], body: ShellNode)] = []
    while !takeWord("esac") {
      skipLines()
      _ = skip("(")
      var patterns: [ShellWord] = []
      repeat {
        skipBlanks()
        guard let pattern = word() else { return broken(start) }
        patterns.append(pattern)
        skipBlanks()
      } while skip("|")
      guard skip(")") else { return broken(start) }
      branches.append((patterns, list(until: ["esac"])))
      skipLines()
      _ = skip(";;")
    }
    return .match(subject, branches: branches)
  }

  /// `name()`; there may be a space before the parentheses.
  private var isFunctionDefinition: Bool {
    var end = position
    while end < bytes.count, isFunctionNameByte(bytes[end]) { end += 1 }
    guard end > position else { return false }
    while end < bytes.count, bytes[end] == UInt8(ascii: " ") { end += 1 }
    return bytes[end...].starts(with: "()".utf8)
  }

  /// bash accepts nearly any word as a function's name.
  private func isFunctionNameByte(_ byte: UInt8) -> Bool { isNameByte(byte) || "-.:+@%,/~^".utf8.contains(byte) }

  private mutating func function(_ start: Int) -> ShellNode {
    let first = position
    while let byte = peek, isFunctionNameByte(byte) { advance() }
    let name = String(decoding: bytes[first..<position], as: UTF8.self)
    guard !name.isEmpty, let next = peek, " \t\n(".utf8.contains(next) else { return broken(start) }
    skipBlanks()
    _ = skip("()")
    skipLines()
    guard peek != nil else { return broken(start) }
    return .function(name: name, body: command())
  }
}
