/// What stands in a script, as the shell's grammar has it (POSIX.1-2017, XCU 2.10, and what of bash start-up
/// scripts use): commands joined by what decides whether they run.
indirect enum ShellNode: Sendable {
  case simple(SimpleCommand)
  case pipeline([ShellNode])
  case not(ShellNode)
  case and(ShellNode, ShellNode)
  case or(ShellNode, ShellNode)
  case sequence([ShellNode])
  case background(ShellNode)
  case choice(condition: ShellNode, then: ShellNode, otherwise: ShellNode?)
  /// `while` and `until`: the body runs as often as nobody knows.
  case loop(condition: ShellNode, body: ShellNode)
  case forEach(name: String, words: [ShellWord], body: ShellNode)
  case match(ShellWord, branches: [(patterns: [ShellWord], body: ShellNode)])
  case function(name: String, body: ShellNode)
  case subshell(ShellNode)
  /// What this reader does not understand; the shell may well.
  case unknown(line: Int, text: String)

  struct SimpleCommand: Sendable {
    var line: Int
    /// `NAME=word` before the command, or alone; an array is more than one word.
    var assignments: [(name: String, words: [ShellWord], isArray: Bool)] = []
    var words: [ShellWord] = []
    /// Files that its output goes to.
    var outputs: [ShellWord] = []
    /// Where its standard input is redirected from; the last one counts.
    var input: Input?

    enum Input: Sendable {
      case file(ShellWord)
      /// A here-document or here-string, and the line that it begins in.
      case document(ShellWord, line: Int)
    }
  }
}

/// A word before its expansion.
struct ShellWord: Sendable {
  var pieces: [Piece] = []
  /// As it stands in the script.
  var written = ""

  enum Piece: Sendable {
    case text(String, isQuoted: Bool)
    case variable(Reference, isQuoted: Bool)
    case substitution(ShellNode, isQuoted: Bool)
    /// Arithmetic, process substitution, a pattern: not evaluated.
    case unknown
  }

  /// `$NAME` and the forms of `${…}` that scripts live by.
  struct Reference: Sendable {
    var name: String
    /// `-`, `:-`, `=`, `:=`, `+`, `:+`, `?`, `:?`; empty where there is none; `other` for any that is not evaluated.
    var modifier = Modifier.none
    var word: ShellWord?
    /// Whether all elements of an array are meant: `${NAME[@]}`, `$@`.
    var isWhole = false
    /// The position in an array, from 0: `${NAME[2]}`.
    var index = 0

    enum Modifier: Sendable { case none, useDefault, useDefaultIfEmpty, useOther, useOtherIfNotEmpty, other }
  }
}
