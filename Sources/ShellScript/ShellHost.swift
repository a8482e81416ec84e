/// A command with its words expanded, as the shell would run it.
package struct ShellCommand: Hashable, Sendable {
  /// The program and its arguments; never empty.
  package var words: [ShellArgument]
  /// Counted from 1 in the script's file.
  package var line: Int
  /// Whether it runs on every way through the script that does not end early.
  package var isCertain: Bool
  package var input: ShellInput

  package init(words: [ShellArgument], line: Int, isCertain: Bool = true, input: ShellInput = .inherited) {
    self.words = words
    self.line = line
    self.isCertain = isCertain
    self.input = input
  }

  /// The program's name without its folder; nil where only running the script would tell.
  package var name: String? { words[0].value.map { String($0.split(separator: "/").last ?? "") } }

  /// The command as a person would write it, with what is unknown as it stands in the script.
  package var text: String { words.map { $0.value ?? $0.written }.joined(separator: " ") }
}

/// What a command finds on its standard input.
package enum ShellInput: Hashable, Sendable {
  /// The script's own.
  case inherited
  case file(String)
  /// A text, and the line of the script's file in which it begins.
  case text(String, line: Int)
  /// Only running the script would tell.
  case unknown
}

package struct ShellArgument: Hashable, Sendable {
  /// Nil where only running the script would tell.
  package var value: String?
  /// As it stands in the script.
  package var written: String

  package init(_ value: String?, written: String) {
    self.value = value
    self.written = written
  }
}

/// What is known of a command's exit status.
package enum ShellOutcome: Sendable {
  case succeeds, fails, unknown
}

/// What the script acts upon: knows what commands do, and keeps what they did.
package protocol ShellHost {
  /// A command that is none of the shell's own.
  mutating func run(_ command: ShellCommand) -> ShellOutcome
  /// The standard output of a pipeline, without trailing line ends; nil where only running it would tell.
  mutating func output(of pipeline: [ShellCommand]) -> (text: String?, outcome: ShellOutcome)
  /// The script ends here if the command fails, or if a condition holds that nobody can tell.
  mutating func mayEnd(at line: Int, because text: String)
  /// What stands there was not understood, so that whatever it does is not in the result.
  mutating func passOver(line: Int, text: String, because reason: String)
}
