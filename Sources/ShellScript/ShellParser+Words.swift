extension ShellParser {
  /// The next word; nil if none begins.
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
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: ";"), UInt8(ascii: "&"),
        UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"):
        break loop
      case UInt8(ascii: "<"), UInt8(ascii: ">"):
        guard peek(1) == UInt8(ascii: "(") else { break loop }
        endText(&pieces, &text)
        let first = position
        advance()
        advance()
        _ = list(until: [])
        if !skip(")") { isUnclosed = true }
        pieces.append(.process(written(from: first)))
      case UInt8(ascii: "'"):
        endText(&pieces, &text)
        advance()
        while let byte = peek, byte != UInt8(ascii: "'") {
          text.append(byte)
          advance()
        }
        if peek == nil { isUnclosed = true }
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
        pieces.append(.unknown(String(decoding: [byte], as: UTF8.self)))
      case UInt8(ascii: "{"):
        guard let end = braceExpansion() else {
          text.append(byte)
          advance()
          continue
        }
        endText(&pieces, &text)
        let first = position
        position = end
        pieces.append(.unknown(written(from: first)))
      default:
        text.append(byte)
        advance()
      }
    }
    endText(&pieces, &text)
    guard position > start else { return nil }
    return ShellWord(pieces: pieces, written: written(from: start))
  }

  func written(from start: Int) -> String {
    String(decoding: bytes[start..<min(position, bytes.count)].prefix(200), as: UTF8.self)
  }

  /// The end of `{a,b}` or `{1..3}`, which bash expands to several words; the end of its first sign if it is long.
  private func braceExpansion() -> Int? {
    var end = position + 1
    var isSeveral = false
    while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: ";"), UInt8(ascii: "&"),
        UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"):
        return nil
      case UInt8(ascii: "}"): return isSeveral ? end + 1 : nil
      case UInt8(ascii: ","): isSeveral = true
      case UInt8(ascii: "."): isSeveral = isSeveral || bytes[end - 1] == UInt8(ascii: ".")
      default: break
      }
      end += 1
      if end - position > 200 { return position + 1 }
    }
    return nil
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
    if peek == nil { isUnclosed = true } else { advance() }
    if !text.isEmpty || isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self), isQuoted: true)) }
  }
}
