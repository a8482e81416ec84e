import TextFiles

/// The words and signs of nft(8), each with its line.
struct NftTokens {
  struct Token: Hashable, Sendable {
    var text: String
    var file: String
    var line: Int
    /// A text in quotes is never a sign or a keyword.
    var isQuoted = false
  }

  private(set) var rest: ArraySlice<Token>

  init(_ tokens: some Collection<Token>) { rest = Array(tokens)[...] }

  /// Signs and line ends are tokens of their own; a text in quotes is one token.
  init(_ text: String, file: String, firstLine: Int) {
    var tokens: [Token] = []
    var current = ""
    var line = firstLine
    var quote: Character?
    var isComment = false
    var isEscaped = false
    func end(isQuoted: Bool = false) {
      if !current.isEmpty || isQuoted { add(current, isQuoted: isQuoted) }
      current = ""
    }
    func add(_ text: String, isQuoted: Bool = false) {
      tokens.append(Token(text: text, file: file, line: line, isQuoted: isQuoted))
    }
    func isComparison(_ text: String) -> Bool { !text.isEmpty && text.allSatisfy("=!<>".contains) }
    for character in text {
      if character.isNewline {
        end()
        if !isEscaped, quote == nil { add("\n") }
        line += 1
        isComment = false
        isEscaped = false
        continue
      }
      if isComment { continue }
      if isEscaped {
        isEscaped = false
        // nft takes the backslash and what follows it as part of a name, such as a star that is no wildcard.
        current.append("\\")
        current.append(character)
      } else if let mark = quote {
        if character == mark {
          quote = nil
          end(isQuoted: true)
        } else {
          current.append(character)
        }
      } else if character == "\"" || character == "'" {
        end()
        quote = character
      } else if character == "#" {
        end()
        isComment = true
      } else if character == "\\" {
        isEscaped = true
      } else if character.isWhitespace {
        end()
      } else if "{};,".contains(character) {
        end()
        add(String(character))
      } else {
        // `elements={` and `oifname!="wg0"` mean the same as with blanks.
        if !current.isEmpty, isComparison(current) != isComparison(String(character)) { end() }
        current.append(character)
      }
    }
    end()
    rest = tokens[...]
  }

  var next: String? { rest.first.map { $0.isQuoted ? "\"" + $0.text : $0.text } }
  var line: Int { rest.first?.line ?? 1 }
  var place: SourcePlace { SourcePlace(rest.first?.file ?? "", line: line) }

  @discardableResult
  mutating func take() -> String { rest.popFirst()?.text ?? "" }

  /// Skips the token if it is this one.
  mutating func skip(_ text: String) -> Bool {
    guard next == text else { return false }
    take()
    return true
  }

  mutating func skipEnds() {
    while let next, next == "\n" || next == ";" { take() }
  }

  /// Takes everything up to the end of the statement, but not the end itself; braces belong together.
  mutating func statement() -> Self {
    var depth = 0
    var taken: [Token] = []
    while let token = rest.first {
      if !token.isQuoted {
        if depth == 0, ["\n", ";", "}"].contains(token.text) { break }
        if token.text == "{" { depth += 1 }
        if token.text == "}" { depth -= 1 }
      }
      rest = rest.dropFirst()
      if token.text != "\n" || token.isQuoted { taken.append(token) }
    }
    return Self(taken)
  }

  var text: String { rest.map(\.text).joined(separator: " ") }

  /// The line of a block that ends, or is followed, without a semicolon or line end where the grammar demands one
  /// (nftables, src/parser_bison.y, stmt_separator). Nil if there is none. Braces around values are not a block.
  var unendedBlock: (place: SourcePlace, text: String)? {
    guard let end = unendedBlockEnd else { return nil }
    let line = rest.filter { $0.file == end.file && $0.line == end.line && $0.text != "\n" }
    return (SourcePlace(end.file, line: end.line), line.map(\.text).joined(separator: " "))
  }

  /// Skips a block in braces, and what comes before it on its line.
  mutating func skipBlock() {
    var depth = 0
    while let token = rest.first, depth > 0 || token.isQuoted || token.text != "\n" && token.text != ";" {
      if !token.isQuoted, token.text == "{" { depth += 1 }
      if !token.isQuoted, token.text == "}" {
        depth -= 1
        if depth <= 0 {
          rest = rest.dropFirst()
          return
        }
      }
      rest = rest.dropFirst()
    }
  }

  private var unendedBlockEnd: Token? {
    enum Mark { case end, open, blockClosed, valuesClosed, word }
    var isBlock: [Bool] = []
    var words: [String] = []
    var last = Mark.end
    for token in rest {
      switch token.isQuoted ? "" : token.text {
      case "\n", ";":
        words = []
        last = .end
      case "{":
        isBlock.append(Self.opensBlock(words))
        words = []
        last = .open
      case "}":
        guard let wasBlock = isBlock.popLast() else { return nil }
        if wasBlock, last == .word || last == .blockClosed { return token }
        words = wasBlock ? [] : ["values"]
        last = wasBlock ? .blockClosed : .valuesClosed
      default:
        if last == .blockClosed { return token }
        words.append(token.text)
        last = .word
      }
    }
    return nil
  }

  private static func opensBlock(_ words: [String]) -> Bool {
    let verbs = ["add", "create", "delete", "destroy", "insert", "replace"]
    let object = words.first.map(verbs.contains) == true ? words.dropFirst().first : words.first
    return ["table", "chain", "set", "map", "flowtable", "counter", "quota", "limit"].contains(object)
      && !words.contains("=")
  }
}
