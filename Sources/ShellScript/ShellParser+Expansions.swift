/// What a shell replaces with a value: `$NAME`, `${…}`, `$(…)`, `$((…))`, `$'…'`.
extension ShellParser {
  /// Reads an expansion, at its `$` or backquote.
  mutating func expansion(isQuoted: Bool) -> ShellWord.Piece {
    guard depth < Self.deepest else {
      advance()
      isUnclosed = true
      return .unknown("$")
    }
    depth += 1
    defer { depth -= 1 }
    if comes("$((") {
      let first = position
      var open = 0
      while let byte = peek {
        if byte == UInt8(ascii: "(") { open += 1 }
        if byte == UInt8(ascii: ")") { open -= 1 }
        advance()
        if open == 0, byte == UInt8(ascii: ")") { break }
      }
      if open != 0 { isUnclosed = true }
      return .arithmetic(String(decoding: bytes[first..<min(position, bytes.count)], as: UTF8.self))
    }
    if skip("$(") {
      let body = list(until: [])
      if !skip(")") { isUnclosed = true }
      return .substitution(body, isQuoted: isQuoted)
    }
    if skip("`") {
      let start = position
      let startLine = line
      while let byte = peek, byte != UInt8(ascii: "`") { advance() }
      let body = String(decoding: bytes[start..<min(position, bytes.count)], as: UTF8.self)
      if peek == nil { isUnclosed = true } else { advance() }
      // A backslash escapes what follows it, as between double quotes.
      guard !body.contains("\\") else { return .unknown("`" + body + "`") }
      var inner = ShellParser(body, firstLine: startLine)
      inner.depth = depth
      return .substitution(inner.list(until: []), isQuoted: isQuoted)
    }
    advance()
    if !isQuoted, skip("'") { return ansiQuoted() }
    if skip("{") { return braced(isQuoted: isQuoted) }
    guard let byte = peek else { return .text("$", isQuoted: true) }
    if isNameByte(byte), !(0x30...0x39).contains(byte) {
      let start = position
      while let byte = peek, isNameByte(byte) { advance() }
      return .variable(.init(name: String(decoding: bytes[start..<position], as: UTF8.self)), isQuoted: isQuoted)
    }
    guard "0123456789@*#?$!-".utf8.contains(byte) else { return .text("$", isQuoted: true) }
    advance()
    var reference = ShellWord.Reference(name: String(decoding: [byte], as: UTF8.self))
    reference.isWhole = reference.name == "@" || reference.name == "*"
    reference.isJoined = reference.name == "*"
    return .variable(reference, isQuoted: isQuoted)
  }

  /// Reads the rest of `$'…'`, with escapes as in C.
  private mutating func ansiQuoted() -> ShellWord.Piece {
    let escapes: [UInt8: UInt8] = [
      UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "\\"): 92, 39: 39, 34: 34,
    ]
    var text: [UInt8] = []
    var isKnown = true
    while let byte = peek, byte != UInt8(ascii: "'") {
      advance()
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      if let next = peek, let escaped = escapes[next] { text.append(escaped) } else { isKnown = false }
      advance()
    }
    if peek == nil { isUnclosed = true }
    advance()
    return isKnown ? .text(String(decoding: text, as: UTF8.self), isQuoted: true) : .unknown("$'")
  }

  /// Reads the rest of `${…}`.
  private mutating func braced(isQuoted: Bool) -> ShellWord.Piece {
    let start = position
    let end = matchingBrace()
    let whole = "${" + String(decoding: bytes[start..<end], as: UTF8.self) + "}"
    defer {
      while position < end { advance() }
      if !skip("}") { isUnclosed = true }
    }
    let isLength = peek == UInt8(ascii: "#") && peek(1).map(isNameByte) == true
    if isLength { advance() }
    let first = position
    while let byte = peek, isNameByte(byte) || (position == first && "@*".utf8.contains(byte)) { advance() }
    var reference = ShellWord.Reference(name: String(decoding: bytes[first..<position], as: UTF8.self))
    guard !reference.name.isEmpty else { return .unknown(whole) }
    if skip("[@]") {
      reference.isWhole = true
    } else if skip("[*]") {
      (reference.isWhole, reference.isJoined) = (true, true)
    }
    if peek == UInt8(ascii: "["), let digit = peek(1), (0x30...0x39).contains(digit), peek(2) == UInt8(ascii: "]") {
      reference.index = Int(digit - 0x30)
      for _ in 0..<3 { advance() }
    }
    if reference.name == "@" || reference.name == "*" { reference.isWhole = true }
    if reference.name == "*" { reference.isJoined = true }
    if isLength { reference.modifier = .length }
    if position == end { return .variable(reference, isQuoted: isQuoted) }
    guard !isLength, let modifier = modifier(before: end) else { return .unknown(whole) }
    reference.modifier = modifier
    switch modifier {
    // The text after a question mark is a message.
    case .replace, .orEnd, .orEndIfEmpty: return .variable(reference, isQuoted: isQuoted)
    default: break
    }
    var inner = ShellParser(String(decoding: bytes[position..<end], as: UTF8.self), firstLine: line)
    inner.depth = depth
    // The text there is one word, whatever blanks are in it.
    if isQuoted {
      var word = ShellWord(written: String(decoding: bytes[position..<end], as: UTF8.self))
      inner.quotedPieces(into: &word.pieces)
      reference.word = word
    } else {
      reference.word = inner.word() ?? ShellWord(pieces: [.text("", isQuoted: true)])
      while inner.peek != nil, inner.position < inner.bytes.count {
        // Blanks make several words, which are not followed.
        return .unknown(whole)
      }
    }
    return .variable(reference, isQuoted: isQuoted)
  }

  private mutating func modifier(before end: Int) -> ShellWord.Reference.Modifier? {
    for (sign, modifier) in [
      (":-", ShellWord.Reference.Modifier.useDefaultIfEmpty), (":=", .assignDefaultIfEmpty), ("-", .useDefault),
      ("=", .assignDefault), (":+", .useOtherIfNotEmpty), ("+", .useOther), (":?", .orEndIfEmpty), ("?", .orEnd),
      ("##", .cutLongestPrefix), ("#", .cutShortestPrefix), ("%%", .cutLongestSuffix), ("%", .cutShortestSuffix),
    ] where skip(sign) {
      return modifier
    }
    guard skip("/") else { return nil }
    let all = skip("/")
    let parts = String(decoding: bytes[position..<end], as: UTF8.self)
      .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    // Patterns, quotes and variables in the text are not followed.
    guard let text = parts.first, !text.isEmpty, !parts.joined().contains(where: { "*?[]\\\"'$`&#%".contains($0) })
    else { return nil }
    return .replace(text, with: parts.count > 1 ? parts[1] : "", all: all)
  }

  /// The position of the closing brace, from here on.
  private func matchingBrace() -> Int {
    var open = 1
    var end = position
    while end < bytes.count {
      if bytes[end] == UInt8(ascii: "{") { open += 1 }
      if bytes[end] == UInt8(ascii: "}") { open -= 1 }
      if open == 0 { return end }
      end += 1
    }
    return end
  }
}
