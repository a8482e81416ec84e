import ShellScript
import TextFiles

/// What iptables-restore(8) reads: tables with their chains, defaults and rules, each up to its `COMMIT`.
struct IPTablesRestore {
  /// What is not understood, with its line.
  private(set) var problems: [(line: Int, text: String, reason: String, mayMakeRules: Bool)] = []
  /// Where the program stops, and why.
  private(set) var refusal: (line: Int, text: String, reason: String)?
  private let input: ScriptHost.ReadText
  private let family: IPFamily
  private let backEnd: String
  private let isCertain: Bool
  /// Whether the existing rules stay.
  private let keeps: Bool

  init(_ input: ScriptHost.ReadText, family: IPFamily, backEnd: String, isCertain: Bool, keeps: Bool) {
    self.input = input
    self.family = family
    self.backEnd = backEnd
    self.isCertain = isCertain
    self.keeps = keeps
  }

  /// Applies the text to the rule set. Returns false if the program stops, or if the text ends before a table does.
  mutating func apply(to ruleset: inout Ruleset) -> Bool {
    var table: String?
    var working = ruleset
    let lines = input.text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (offset, bytes) in lines.enumerated() {
      // The program treats a carriage return as a letter, and no table or chain has such a name.
      let text = String(decoding: bytes, as: UTF8.self).replacing("\r", with: "\\r")
      let line = input.line + offset
      guard let first = text.first, first != "#" else { continue }
      if first == "*" {
        guard table == nil else {
          refusal = (line, text, "the table before it has no COMMIT")
          return false
        }
        table = text.dropFirst().split(whereSeparator: { $0 == " " || $0 == "\t" }).first.map(String.init) ?? ""
        working = ruleset
        guard clear(table!, line, &working) else {
          refusal = (line, text, "there is no such table")
          return false
        }
      } else if text == "COMMIT" {
        guard table != nil else {
          refusal = (line, text, "it is in no table")
          return false
        }
        guard !hasLoop(working, by: .certain, table!) else {
          refusal = (line, text, "its chains form a loop")
          return false
        }
        if hasLoop(working, by: .any, table!) {
          problems.append((line, text, "the kernel may refuse it: its chains may form a loop", true))
        }
        ruleset = working
        table = nil
      } else if let table {
        guard read(text, line, table, &working) else { return false }
      } else {
        refusal = (line, text, "it is in no table")
        return false
      }
    }
    return table == nil
  }

  private func hasLoop(_ ruleset: Ruleset, by certainty: Ruleset.Certainty, _ table: String) -> Bool {
    ruleset.hasLoop(by: certainty) { $0.family == family && $0.table == backEnd + table }
  }

  private func clear(_ table: String, _ line: Int, _ ruleset: inout Ruleset) -> Bool {
    let names = ruleset.chains.keys.filter { $0.family == family && $0.table == backEnd + table }
    guard !names.isEmpty else { return false }
    guard !keeps else { return true }
    for name in names {
      ruleset[family, name.table, name.chain]?.flush(isCertain: isCertain)
      // iptables-nft recreates the table with defaults that accept; iptables-legacy keeps defaults that are not stated.
      guard backEnd != "iptables-legacy ", ruleset.chains[name]?.isBuiltIn == true else { continue }
      ruleset[family, name.table, name.chain]?.setDefault(
        refuses: false, at: SourcePlace(input.name, line: line), isCertain: isCertain && !backEnd.isEmpty)
    }
    if isCertain {
      let made = ruleset.chains.filter { names.contains($0.key) && !$0.value.isBuiltIn }
      ruleset.removeAll { made[$0] != nil }
    }
    return true
  }

  private mutating func read(_ text: String, _ line: Int, _ table: String, _ ruleset: inout Ruleset) -> Bool {
    guard var words = Self.words(text) else {
      // iptables-save prints a comment's line breaks as they are, so the text after one may not be a rule.
      problems.append((line, text, "a quoted text does not end on its line", true))
      return true
    }
    let place = SourcePlace(input.name, line: line)
    if let first = words.first, first.hasPrefix(":") {
      let chain = String(first.dropFirst())
      let name = backEnd + table
      if ruleset[family, name, chain] == nil {
        ruleset[family, name, chain] = .init(isCertain: isCertain)
      } else if ruleset[family, name, chain]?.isBuiltIn == false {
        // A chain that is named again is emptied, even under --noflush.
        ruleset[family, name, chain]?.flush(isCertain: isCertain)
      }
      guard words.count > 1, words[1] != "-" else { return true }
      guard ["ACCEPT", "DROP"].contains(words[1]), ruleset[family, name, chain]?.isBuiltIn == true else {
        refusal = (line, text, "there is no such default")
        return false
      }
      ruleset[family, name, chain]?.setDefault(refuses: words[1] == "DROP", at: place, isCertain: isCertain)
      return true
    }
    // A line of the other family is skipped (iptables-restore(8), -4, -6).
    if let first = words.first, ["-4", "--ipv4", "-6", "--ipv6"].contains(first) {
      words.removeFirst()
      guard first.contains("4") == (family == .ipv4) else { return true }
    }
    // Counters may come before a rule.
    if words.first?.hasPrefix("[") == true { words.removeFirst() }
    guard !words.contains(where: { $0 == "-t" || $0.hasPrefix("--table") }) else {
      refusal = (line, text, "-t is not for iptables-restore")
      return false
    }
    let arguments = ["iptables", "-t", table] + words
    let command = ShellCommand(
      words: arguments.map { ShellArgument($0, written: $0) }, line: line, isCertain: isCertain)
    var call = IPTablesCommand(command, family: family, file: input.name, backEnd: backEnd)
    call.rule.text = text
    if call.isRefused {
      refusal = (line, text, call.problem ?? "it is not valid")
      return false
    }
    if let problem = call.problem { problems.append((line, text, problem, true)) }
    for match in call.rule.matches where match.isUnreadable {
      problems.append((line, text, "\(match.text) is not understood: what the rule lets out is not known", false))
    }
    if call.apply(to: &ruleset).outcome == .fails {
      refusal = (line, text, "there is no such chain, no such target, or no such position at this moment")
      return false
    }
    return true
  }

  /// Splits a text into words at blanks. Double quotes keep blanks, and a backslash escapes the next character. Nil if
  /// quotes do not end.
  private static func words(_ text: String) -> [String]? {
    var words: [String] = []
    var word = ""
    var hasWord = false
    var isQuoted = false
    var isEscaped = false
    for character in text {
      if isEscaped {
        isEscaped = false
        word.append(character)
      } else if character == "\\" {
        isEscaped = true
        hasWord = true
      } else if character == "\"" {
        isQuoted.toggle()
        hasWord = true
      } else if character == " " || character == "\t", !isQuoted {
        if hasWord { words.append(word) }
        word = ""
        hasWord = false
      } else {
        word.append(character)
        hasWord = true
      }
    }
    guard !isQuoted else { return nil }
    return hasWord ? words + [word] : words
  }
}
