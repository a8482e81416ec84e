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

/// Where programs are found.
enum ShellPath {
  static let systemFolders: Set<String> = [
    "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/command",
  ]

  /// `iptables` for `/sbin/iptables`. A path elsewhere stays a path, because it may be any program.
  static func program(_ word: String) -> String {
    guard let slash = word.lastIndex(of: "/"), systemFolders.contains(String(word[..<slash])) else { return word }
    return String(word[word.index(after: slash)...])
  }
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
  /// Nil if only running the script would tell.
  package var value: String?
  /// As written in the script.
  package var written: String

  package init(_ value: String?, written: String) {
    self.value = value
    self.written = written
  }
}

/// A script that another one runs or reads.
package struct ShellFile: Sendable {
  /// The name that messages use.
  package var name: String
  package var text: String
  /// Whether it may be run by its path.
  package var isExecutable: Bool

  package init(name: String, text: String, isExecutable: Bool) {
    self.name = name
    self.text = text
    self.isExecutable = isExecutable
  }
}

/// What is known of a command's exit status.
package enum ShellOutcome: Sendable {
  case succeeds, fails, unknown
}

/// What the script acts upon. It knows what commands do, and keeps what they did.
package protocol ShellHost {
  /// Runs a command that is not one of the shell's own.
  mutating func run(_ command: ShellCommand) -> ShellOutcome
  /// The standard output of a pipeline, without trailing line ends; nil if only running it would tell.
  mutating func output(of pipeline: [ShellCommand]) -> (text: String?, outcome: ShellOutcome)
  /// The script ends here if the command fails, or if a condition holds that nobody can tell.
  mutating func mayEnd(at line: Int, because text: String)
  /// The script waits here. Nobody can tell how long.
  mutating func mayWait(at line: Int, because text: String)
  /// Something here was not understood, so the result does not include what it does.
  mutating func passOver(line: Int, text: String, because reason: String)
  /// Whether a command changes nothing that the host keeps, whenever it runs.
  func isHarmless(_ command: ShellCommand) -> Bool
  /// Whether writing to a file changes nothing that the host keeps, and nothing that a script runs or reads.
  func isScratch(_ path: String) -> Bool
  /// Whether the shell can surely open a file for a redirection. If it cannot open it, the command is not run.
  func opens(_ path: String, toWrite: Bool) -> Bool
  /// Whether another step of a script may be followed; false if all scripts together have taken too many.
  mutating func takeStep() -> Bool
  /// The script at a path; nil if nobody can read it.
  func script(at path: String) -> ShellFile?
  /// Commands are in another file from here on. Returns the name that messages used for the one before.
  mutating func enter(_ file: String) -> String
}

extension ShellHost {
  package mutating func mayWait(at line: Int, because text: String) {}
  package func isHarmless(_ command: ShellCommand) -> Bool { false }
  package func isScratch(_ path: String) -> Bool { true }
  package func opens(_ path: String, toWrite: Bool) -> Bool { true }
  package mutating func takeStep() -> Bool { true }
  package func script(at path: String) -> ShellFile? { nil }
  package mutating func enter(_ file: String) -> String { "" }
}
