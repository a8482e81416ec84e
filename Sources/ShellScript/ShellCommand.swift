/// A command with its words expanded, as the shell would run it.
package struct ShellCommand: Hashable, Sendable {
  /// The program and its arguments; never empty.
  package var words: [ShellArgument]
  /// Counted from 1 in the script's file.
  package var line: Int
  /// Whether it runs on every way through the script that does not end early.
  package var isCertain: Bool
  package var input: ShellInput
  /// Whether it runs beside what follows it in the script (`&`). Nobody knows when.
  package var runsBeside: Bool

  package init(
    words: [ShellArgument], line: Int, isCertain: Bool = true, input: ShellInput = .inherited, runsBeside: Bool = false
  ) {
    self.words = words
    self.line = line
    self.isCertain = isCertain
    self.input = input
    self.runsBeside = runsBeside
  }

  /// The program's name, without its folder if that is one of the system's; nil if only running the script would tell.
  package var name: String? { words[0].value.map(ShellPath.program) }

  /// The command as a person would write it. Unknown words are as written in the script.
  package var text: String { words.map { $0.value ?? $0.written }.joined(separator: " ") }
}
