/// Where the value of a name begins and ends.
extension SecretScan {
  /// The value of a name; nil if no sign follows it.
  func value(of name: Range<Int>) -> Range<Int>? {
    // The quote that begins before the name and ends behind the value, as in -H "Token: x"; none in "token": "x".
    var quote = scalar(name.lowerBound - 1).flatMap { $0 == "\"" || $0 == "'" ? $0 : nil }
    var sign = name.upperBound
    if let closing = scalar(sign), closing == "\"" || closing == "'" {
      quote = nil
      sign += 1
    }
    let isClosed = sign > name.upperBound
    sign = skip(sign) { $0 != " " && $0 != "\t" }
    if let before = scalar(sign), "!+?".unicodeScalars.contains(before), scalar(sign + 1) == "=" { sign += 1 }
    guard let mark = scalar(sign), mark == "=" || mark == ":" else { return nil }
    if mark == ":" {
      // A folder of a path is no name, as in ./keys:/keys:ro.
      guard isClosed || scalar(name.lowerBound - 1) != "/" && isMeant(text[name], colon: sign) else { return nil }
    } else if form == .sentence, sign > name.upperBound, Self.isWord(text[name]) {
      // As in "write Key = value".
      return nil
    }
    let afterSign = mark == "=" ? skip(sign) { $0 != "=" } : sign + 1
    let start = skip(afterSign) { $0 != " " && $0 != "\t" }
    if mark == ":", form == .data, let block = block(of: name.lowerBound, from: start) { return block }
    guard let first = scalar(start), first != "\n" else { return start..<start }
    if let quote { return start..<closing(quote, from: start) }
    switch (form, mark) {
    case (.script, "="), (.sentence, "="): return start..<wordEnd(start)
    // In JSON the name is quoted, too, in whatever text it stands.
    case _ where (form == .data || isClosed) && (first == "\"" || first == "'"): return start..<wordEnd(start)
    default: return start..<lineEnd(start)
    }
  }

  /// Whether a colon behind a name divides it from its value: not in `./keys:/keys`, `auth:8080` and `key.conf:3`.
  private func isMeant(_ name: ArraySlice<Unicode.Scalar>, colon: Int) -> Bool {
    if form == .sentence {
      guard !Self.isWord(name), !name.contains(".") else { return false }
    }
    guard let next = scalar(colon + 1) else { return true }
    return next != "/" && next != ":" && !("0"..."9").contains(next)
  }

  /// Whether a sentence may have a name as a word of its own: it has no capital behind its first letter.
  private static func isWord(_ name: ArraySlice<Unicode.Scalar>) -> Bool {
    name.dropFirst().allSatisfy { ("a"..."z").contains($0) || $0 == "-" }
  }

  /// The quote's next occurrence that no backslash stands before; else the end.
  private func closing(_ quote: Unicode.Scalar, from start: Int) -> Int {
    var position = start
    while let scalar = scalar(position), scalar != quote {
      position += scalar == "\\" && quote == "\"" ? 2 : 1
    }
    return min(position, text.count)
  }

  /// The end of a word as a shell reads it, quoted parts included.
  private func wordEnd(_ start: Int) -> Int {
    var position = start
    while let scalar = scalar(position) {
      switch scalar {
      case "\\": position += 2
      case "'" where form == .sentence && position > start:
        // The end of what the sentence quotes.
        return position
      case "\"", "'":
        let end = closing(scalar, from: position + 1)
        position = end + 1
      case "`": position = closing(scalar, from: position + 1) + 1
      case "$" where self.scalar(position + 1) == "(" || self.scalar(position + 1) == "{":
        let (open, close) =
          self.scalar(position + 1) == "(" ? ("(", ")") : ("{", "}") as (Unicode.Scalar, Unicode.Scalar)
        var depth = 0
        position =
          1
          + skip(position + 1) { scalar in
            if scalar == open { depth += 1 }
            if scalar == close { depth -= 1 }
            return depth == 0
          }
      case ";", "&", "|", "<", ">", "(", ")": return position
      case _ where scalar.properties.isWhitespace: return position
      default: position += 1
      }
    }
    return min(position, text.count)
  }

  /// Where the next word behind an option begins, without the quotes and commas of a list.
  func argumentStart(after option: Int) -> Int { skip(option) { !" \t\"',\\\n".unicodeScalars.contains($0) } }

  /// The next word behind an option; empty if that is an option.
  func argument(after option: Int) -> Range<Int> {
    let start = argumentStart(after: option)
    guard start > option, let first = scalar(start), first != "-" else { return option..<option }
    let quote = scalar(start - 1)
    if let quote, quote == "\"" || quote == "'" { return start..<closing(quote, from: start) }
    return start..<wordEnd(start)
  }

  /// The lines of a YAML value that begins below its key: `key: |`, or a key with nothing behind it. Nil if the value
  /// stands beside its key, or is a mapping or a list.
  private func block(of key: Int, from start: Int) -> Range<Int>? {
    guard let first = scalar(start), "|>#\r\n".unicodeScalars.contains(first) else { return nil }
    let end = lineEnd(start)
    let rest = text[start..<end]
    let isBlock = rest.first == "|" || rest.first == ">"
    guard isBlock || rest.allSatisfy(\.properties.isWhitespace) || rest.first == "#" else { return nil }
    // The line is not looked at again, so that many names in one line take no time.
    let nothing = rest.allSatisfy(\.properties.isWhitespace) ? start..<start : start..<end
    var lineStart = key
    while lineStart > 0, text[lineStart - 1] != "\n" { lineStart -= 1 }
    let indent = skip(lineStart) { $0 != " " } - lineStart
    var last = end
    var line = end + 1
    var isFirst = true
    while line < text.count {
      let content = skip(line) { $0 != " " && $0 != "\t" && $0 != "\r" }
      let next = lineEnd(content)
      if content < next {
        guard content - line > indent else { break }
        if isFirst, !isBlock, isNested(content..<next) { return nothing }
        isFirst = false
        last = next
      }
      line = next + 1
    }
    guard !isFirst else { return nothing }
    let content = skip(end) { !$0.properties.isWhitespace }
    return content..<last
  }

  private func isNested(_ line: Range<Int>) -> Bool {
    let text = text[line]
    if text.first == "-", text.dropFirst().first.map({ $0 == " " || $0 == "\r" }) ?? true { return true }
    return zip(text, text.dropFirst()).contains { $0 == ":" && ($1 == " " || $1 == "\r") } || text.last == ":"
  }
}
