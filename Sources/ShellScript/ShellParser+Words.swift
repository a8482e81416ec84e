extension ShellParser {
  /// The next word, or nil where none begins.
  mutating func word() -> ShellWord? {
    var pieces: [ShellWord.Piece] = []
    let start = position
    var text: [UInt8] = []
    func endText(_ pieces: inout [ShellWord.Piece], _ text: inout [UInt8], isQuoted: Bool = false) {
      guard !text.isEmpty || isQuoted else { return }
      pieces.append(.text(String(decoding: text, as: UTF8.self), isQuoted: isQuoted))
      text = []
    }
    loop: while let byte = peek {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: ";"),
        UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"):
        break loop
      case UInt8(ascii: "<"), UInt8(ascii: ">"):
        guard peek(1) == UInt8(ascii: "(") else { break loop }
        endText(&pieces, &text)
        advance()
        advance()
        _ = list(until: [])
        _ = take(")")
        pieces.append(.unknown)
      case UInt8(ascii: "'"):
        endText(&pieces, &text)
        advance()
        while let byte = peek, byte != UInt8(ascii: "'") {
          text.append(byte)
          advance()
        }
        advance()
        endText(&pieces, &text, isQuoted: true)
      case UInt8(ascii: "\""):
        endText(&pieces, &text)
        advance()
        quotedPieces(into: &pieces)
      case UInt8(ascii: "\\"):
        advance()
        if let escaped = peek, escaped != UInt8(ascii: "\n") { text.append(escaped) }
        if peek != nil { advance() }
      case UInt8(ascii: "$"), UInt8(ascii: "`"):
        endText(&pieces, &text)
        pieces.append(expansion(isQuoted: false))
      case UInt8(ascii: "*"), UInt8(ascii: "?"):
        endText(&pieces, &text)
        advance()
        pieces.append(.unknown)
      default:
        text.append(byte)
        advance()
      }
    }
    endText(&pieces, &text)
    guard position > start else { return nil }
    let written = String(decoding: bytes[start..<min(position, bytes.count)].prefix(200), as: UTF8.self)
    return ShellWord(pieces: pieces, written: written)
  }

  mutating func quotedPieces(into pieces: inout [ShellWord.Piece]) {
    var text: [UInt8] = []
    var isEmpty = true
    while let byte = peek, byte != UInt8(ascii: "\"") {
      isEmpty = false
      switch byte {
      case UInt8(ascii: "\\"):
        advance()
        guard let escaped = peek else { break }
        if !"$`\"\\\n".utf8.contains(escaped) { text.append(byte) }
        if escaped != UInt8(ascii: "\n") { text.append(escaped) }
        advance()
      case UInt8(ascii: "$"), UInt8(ascii: "`"):
        if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self), isQuoted: true)) }
        text = []
        pieces.append(expansion(isQuoted: true))
      default:
        text.append(byte)
        advance()
      }
    }
    if peek != nil { advance() }
    if !text.isEmpty || isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self), isQuoted: true)) }
  }

  /// At `$` or a backquote.
  private mutating func expansion(isQuoted: Bool) -> ShellWord.Piece {
    guard depth < Self.deepest else {
      advance()
      return .unknown
    }
    depth += 1
    defer { depth -= 1 }
    if comes("$((") {
      var open = 0
      while let byte = peek {
        if byte == UInt8(ascii: "(") { open += 1 }
        if byte == UInt8(ascii: ")") { open -= 1 }
        advance()
        if open == 0, byte == UInt8(ascii: ")") { break }
      }
      return .unknown
    }
    if take("$(") {
      let body = list(until: [])
      _ = take(")")
      return .substitution(body, isQuoted: isQuoted)
    }
    if take("`") {
      let start = position
      let startLine = line
      while let byte = peek, byte != UInt8(ascii: "`") { advance() }
      let body = String(decoding: bytes[start..<min(position, bytes.count)], as: UTF8.self)
      if peek != nil { advance() }
      var inner = ShellParser(body, firstLine: startLine)
      inner.depth = depth
      return .substitution(inner.list(until: []), isQuoted: isQuoted)
    }
    advance()
    if !isQuoted, take("'") {
      let start = position
      while let byte = peek, byte != UInt8(ascii: "'") { advance() }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      advance()
      return text.contains("\\") ? .unknown : .text(text, isQuoted: true)
    }
    if take("{") { return braced(isQuoted: isQuoted) }
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
    return .variable(reference, isQuoted: isQuoted)
  }

  /// After `${`.
  private mutating func braced(isQuoted: Bool) -> ShellWord.Piece {
    let start = position
    while let byte = peek, isNameByte(byte) || (position == start && "@*".utf8.contains(byte)) { advance() }
    var reference = ShellWord.Reference(name: String(decoding: bytes[start..<position], as: UTF8.self))
    if take("[@]") || take("[*]") { reference.isWhole = true }
    if peek == UInt8(ascii: "["), let digit = peek(1), (0x30...0x39).contains(digit), peek(2) == UInt8(ascii: "]") {
      reference.index = Int(digit - 0x30)
      for _ in 0..<3 { advance() }
    }
    if reference.name == "@" || reference.name == "*" { reference.isWhole = true }
    for (sign, modifier) in [
      (":-", ShellWord.Reference.Modifier.useDefaultIfEmpty), (":=", .useDefaultIfEmpty), ("-", .useDefault),
      ("=", .useDefault), (":+", .useOtherIfNotEmpty), ("+", .useOther), (":?", .none), ("?", .none),
    ] where take(sign) {
      reference.modifier = modifier
      let end = matchingBrace()
      var inner = ShellParser(String(decoding: bytes[position..<end], as: UTF8.self), firstLine: line)
      inner.depth = depth
      reference.word = inner.word() ?? ShellWord(pieces: [.text("", isQuoted: true)])
      while position < end { advance() }
      _ = take("}")
      return reference.name.isEmpty ? .unknown : .variable(reference, isQuoted: isQuoted)
    }
    if take("}") { return reference.name.isEmpty ? .unknown : .variable(reference, isQuoted: isQuoted) }
    let end = matchingBrace()
    while position < end { advance() }
    _ = take("}")
    return .unknown
  }

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
