import Foundation
import Text
import Wire

/// Texts for people, whoever wrote them: addresses, names and directories in them are replaced.
extension Redactor {
  /// Longer words belong to no sentence, and nobody reads them.
  private static var longestWord: Int { 300 }
  /// The pieces between any two separators are looked at, up to this many separators.
  private static var mostSeparators: Int { 32 }
  /// The separators around an address or a name inside a word.
  private static let separators: Set<Character> = [":", "/", "=", "-", "_", "%", "@"]

  static func isPartOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "." || character == "\\" || character == "~"
      || separators.contains(character)
  }

  /// A sentence without addresses, names and directories.
  package func scrub(_ text: String) -> String {
    let text = withoutKnownDirectories(text)
    for phrase in known.phrases {
      guard text.range(of: phrase, options: .caseInsensitive) != nil else { continue }
      var pieces: [String] = []
      var rest = text[...]
      while let range = rest.range(of: phrase, options: .caseInsensitive) {
        pieces.append(scrub(String(rest[..<range.lowerBound])))
        rest = rest[range.upperBound...]
      }
      return (pieces + [scrub(String(rest))]).joined(separator: name(phrase))
    }
    return words(of: text, isSentence: true)
  }

  /// Scrubs a value that is no sentence, such as the name of a container or a rule. What has the form of an address or
  /// a DNS name is replaced, and directories go. The program's own words are no names, even if somebody asks DNS for
  /// them.
  package func scrub(value: String) -> String {
    if Formatting.timestamp(value) != nil { return value }
    return words(of: withoutKnownDirectories(value), isSentence: false)
  }

  private func withoutKnownDirectories(_ text: String) -> String {
    guard text.contains("/") else { return text }
    return known.directories.reduce(text) { $0.replacing($1, with: "") }
  }

  private func words(of text: String, isSentence: Bool) -> String {
    var result = ""
    var word = ""
    for character in text {
      if Self.isPartOfWord(character) {
        word.append(character)
      } else {
        result += scrubbed(word, isSentence)
        word = ""
        result.append(character)
      }
    }
    return result + scrubbed(word, isSentence)
  }

  private func scrubbed(_ word: String, _ isSentence: Bool) -> String {
    guard word.count <= Self.longestWord, word.count(where: Self.separators.contains) <= Self.mostSeparators else {
      return "x" + self.text(of: word, digits: 8)
    }
    // A full stop or a colon at the end belongs to the sentence.
    var core = Substring(word)
    func isKnown() -> Bool { isSentence && known.names.contains(core.lowercased()) }
    while let last = core.last, !isKnown(), Self.separators.contains(last) || last == "." || last == "\\",
      !core.hasSuffix("::")
    {
      core.removeLast()
    }
    // A name from the wire may begin or end as no other word does.
    if !core.isEmpty, isKnown() { return name(String(core)) + word[core.endIndex...] }
    return pieces(core, isSentence) + word[core.endIndex...]
  }

  /// Replaces the longest pieces that are an address or a name: `resolver:192.0.2.1` holds one, `[2001:db8::1]:53` too.
  private func pieces(_ word: Substring, _ isSentence: Bool) -> String {
    guard !word.isEmpty else { return "" }
    if let rest = withoutDirectories(word) { return pieces(rest, isSentence) }
    let starts = [word.startIndex] + word.indices.filter { Self.separators.contains(word[$0]) }.map(word.index(after:))
    let ends = word.indices.filter { Self.separators.contains(word[$0]) } + [word.endIndex]
    for start in starts {
      for end in ends.reversed() where end > start {
        guard let shown = shown(word[start..<end], isSentence) else { continue }
        return pieces(word[..<start], isSentence) + shown + pieces(word[end...], isSentence)
      }
    }
    return String(word)
  }

  /// The replacement of a piece; nil if the piece needs none.
  private func shown(_ piece: Substring, _ isSentence: Bool) -> String? {
    let text = String(piece)
    if let station = MACAddress(text) { return "\(self.station(station))" }
    if let name = interface(text) { return name }
    if let address = IPAddress(text) { return "\(self.address(address))" }
    if text.contains("/"), let prefix = IPPrefix(text) { return "\(self.prefix(prefix))" }
    if isSentence, known.names.contains(text.lowercased()) { return name(text) }
    return isName(text) ? name(text) : nil
  }

  /// An interface that is named after its address, as systemd names those without a known place: `enx525400123456`
  /// (systemd.net-naming-scheme(7)).
  private func interface(_ text: String) -> String? {
    let digits = text.dropFirst(3).prefix(12)
    guard text.dropFirst(2).first == "x", digits.utf8.count == 12, digits.allSatisfy(\.isHexDigit),
      let value = UInt64(digits, radix: 16), text.dropFirst(15).first ?? "." == "."
    else { return nil }
    return text.prefix(3) + "\(station(MACAddress(value)))".filter { $0 != ":" } + text.dropFirst(15)
  }

  /// A word that holds a path, without the directories, which may name a person. A URL loses everything after its host.
  private func withoutDirectories(_ word: Substring) -> Substring? {
    let start = word.indices.first { index in
      guard word[index] == "/" else { return false }
      return index == word.startIndex || [":", "=", "~", "@"].contains(word[word.index(before: index)])
    }
    guard let start else { return nil }
    let path = word[start...]
    if path.hasPrefix("//"), let host = path.dropFirst(2).first, host != "/" {
      guard let end = path.dropFirst(2).firstIndex(of: "/") else { return nil }
      return word[..<end]
    }
    guard let last = path.lastIndex(of: "/"), last != start else { return nil }
    return word[..<start] + path[path.index(after: last)...]
  }

  /// Files and schemas have dots, too. None of these endings is a domain of the root zone, unlike "sh" and "md".
  private static let ownEndings: Set<String> = [
    "conf", "yaml", "yml", "pcap", "pcapng", "json", "ndjson", "gz", "zst", "env", "txt", "summary", "alert", "leak",
    "check", "notice",
  ]

  private func isName(_ text: String) -> Bool {
    guard text.contains("."), !known.words.contains(text) else { return false }
    let labels = text.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    guard let last = labels.last, last.count >= 2, last.allSatisfy(\.isLetter) || last.hasPrefix("xn--"),
      !Self.ownEndings.contains(String(last))
    else { return false }
    return labels.allSatisfy { label in
      !label.isEmpty && label.utf8.count <= 255 && !label.contains { ":/%=@".contains($0) }
    }
  }
}
