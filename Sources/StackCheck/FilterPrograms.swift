/// Recognizes awk(1) and sed(1) programs that only print. Both tools can also run commands and write files.
enum FilterPrograms {
  /// Accepts awk with an inline program. Anything that may run a command or write a file is refused, even inside a
  /// string.
  static func isPlainAwk(_ words: [String]) -> Bool {
    var words = words[...]
    while let option = words.first, option.hasPrefix("-"), option.count > 1 {
      guard option.hasPrefix("-F") || option.hasPrefix("-v") else { return false }
      words = words.dropFirst(option.count == 2 ? 2 : 1)
    }
    guard let program = words.first else { return false }
    guard !["system", "getline", "@", "|&"].contains(where: program.contains) else { return false }
    guard !program.replacing("||", with: "").contains("|") else { return false }
    // Refuses `print > "file"`. Before the first print, `>` is a comparison.
    let printing = program.firstRange(of: "print").map { program[$0.upperBound...] } ?? ""
    return !printing.contains(">")
  }

  /// sed with scripts that only print, cut and replace.
  static func isPlainSed(_ words: [String]) -> Bool {
    var words = words[...]
    var hasScript = false
    while let word = words.popFirst() {
      if word == "-e" || word == "--expression" {
        guard let script = words.popFirst(), isPlainSedScript(script) else { return false }
        hasScript = true
      } else if word.hasPrefix("-"), word.count > 1 {
        guard word.dropFirst().allSatisfy("nErsuz".contains) else { return false }
      } else if !hasScript {
        guard isPlainSedScript(word) else { return false }
        hasScript = true
      }
    }
    return hasScript
  }

  private static func isPlainSedScript(_ script: String) -> Bool {
    var text = Array(script.unicodeScalars)[...]
    while true {
      text = text.drop { " \t\n;{}".unicodeScalars.contains($0) }
      if text.isEmpty { return true }
      guard let command = skipAddresses(&text) else { return false }
      switch command {
      case "p", "d", "D", "P", "q", "Q", "=", "h", "H", "g", "G", "x", "n", "N", "l":
        text = text.drop { ("0"..."9").contains($0) }
      case "s", "y":
        guard let sign = text.popFirst(), sign != "\n", sign != "\\" else { return false }
        guard skip(&text, to: sign), skip(&text, to: sign) else { return false }
        let flags = text.prefix { !" \t\n;}".unicodeScalars.contains($0) }
        guard command == "y" ? flags.isEmpty : flags.allSatisfy({ "gpiImM0123456789".unicodeScalars.contains($0) })
        else { return false }
        text = text.dropFirst(flags.count)
      default: return false
      }
    }
  }

  /// Skips a command's addresses and returns the command.
  private static func skipAddresses(_ text: inout ArraySlice<Unicode.Scalar>) -> Unicode.Scalar? {
    while let scalar = text.popFirst() {
      switch scalar {
      case "0"..."9", "$", ",", "!", " ", "~", "+": continue
      case "/": guard skip(&text, to: "/") else { return nil }
      default: return scalar
      }
    }
    return nil
  }

  private static func skip(_ text: inout ArraySlice<Unicode.Scalar>, to end: Unicode.Scalar) -> Bool {
    while let scalar = text.popFirst() {
      if scalar == end { return true }
      if scalar == "\\" { _ = text.popFirst() }
      guard scalar == "[" else { continue }
      // If the delimiter occurs in a set, implementations disagree on where the expression ends.
      var set = text.prefix { $0 != "]" && $0 != end }
      if set.isEmpty || set == ["^"] {
        set = text.prefix(set.count + 1) + text.dropFirst(set.count + 1).prefix { $0 != "]" && $0 != end }
      }
      guard text.dropFirst(set.count).first == "]", !set.contains(end) else { return false }
      text = text.dropFirst(set.count + 1)
    }
    return false
  }
}
