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
  mutating func leaveOut(line: Int, text: String, because reason: String)
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
