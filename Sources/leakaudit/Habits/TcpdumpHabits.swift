/// A line for somebody who calls the program as tcpdump is called: what does the same here.
///
/// It is asked only if the arguments cannot be parsed, so it never stands in the way of an option that exists.
enum TcpdumpHabits {
  /// The hint for arguments that the parser refused; nil if they show no habit.
  static func hint(for arguments: [String]) -> String? {
    let letters = letters(of: arguments)
    switch arguments.first {
    case "watch": return watchHint(letters)
    case "replay": return replayHint(letters)
    case let first?:
      let isCapture = FileSystem.isRegularFile(first)
      return first.hasPrefix("-") || isCapture ? programHint(letters, isCapture) : nil
    case nil: return nil
    }
  }

  private static func watchHint(_ letters: Set<Character>) -> String? {
    if letters.contains("r") { return "watch has no -r; for a saved capture: leakaudit replay FILE" }
    if letters.contains("w") {
      return "watch has no -w; --evidence DIR keeps the leaking frames. To keep all, run tcpdump -w beside it"
    }
    return nil
  }

  private static func replayHint(_ letters: Set<Character>) -> String? {
    if letters.contains("r") { return "replay has no -r, only file names: leakaudit replay FILE" }
    if letters.contains("w") { return "replay has no -w; --evidence FILE keeps the leaking frames" }
    if letters.contains("c") {
      return "replay has no -c, since what is left out may leak; for a part: tcpdump -r FILE -c COUNT -w PART"
    }
    if letters.contains("D") || letters.contains("i") {
      return "replay reads files; for an interface: leakaudit watch -i INTERFACE (watch -D lists them)"
    }
    return nil
  }

  private static func programHint(_ letters: Set<Character>, _ isCapture: Bool) -> String? {
    if isCapture || letters.contains("r") { return "to audit a saved capture: leakaudit replay FILE" }
    if letters.contains("D") { return "to list the interfaces: leakaudit watch -D" }
    if letters.contains("i") { return "to audit interfaces: leakaudit watch -i INTERFACE" }
    if !letters.isDisjoint(with: ["c", "n", "s", "w"]) {
      return "say first what to do: leakaudit watch, or leakaudit replay FILE"
    }
    return nil
  }

  /// The one-letter options, also those written together, as in `-nr FILE`. What follows a letter that takes a value is
  /// that value, as in `-ieth0`.
  private static func letters(of arguments: [String]) -> Set<Character> {
    arguments.prefix { $0 != "--" }.reduce(into: []) { letters, argument in
      guard argument.hasPrefix("-"), !argument.hasPrefix("--") else { return }
      for letter in argument.dropFirst() {
        letters.insert(letter)
        if "cfirsw".contains(letter) { break }
      }
    }
  }
}
