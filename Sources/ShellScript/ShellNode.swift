/// The contents of a script, in the shell's grammar (POSIX.1-2017, XCU 2.10, and the parts of bash that start-up
/// scripts use): commands, joined by what decides whether they run.
indirect enum ShellNode: Sendable {
  case simple(SimpleCommand)
  case pipeline([ShellNode])
  case not(ShellNode)
  case and(ShellNode, ShellNode)
  case or(ShellNode, ShellNode)
  case sequence([ShellNode])
  case background(ShellNode)
  case choice(condition: ShellNode, then: ShellNode, otherwise: ShellNode?)
  /// `while` and `until`: nobody knows how often the body runs.
  case loop(condition: ShellNode, isUntil: Bool, body: ShellNode, line: Int)
  case forEach(name: String, words: [ShellWord], body: ShellNode)
  case match(ShellWord, branches: [(patterns: [ShellWord], body: ShellNode)])
  case function(name: String, body: ShellNode)
  case subshell(ShellNode)
  /// `[[ … ]]`; `isSimple` is false if it is more than one comparison.
  case test(words: [ShellWord], isSimple: Bool, line: Int)
  /// `(( … ))`
  case arithmetic(String, line: Int)
  /// A compound command with redirections after it.
  case redirected(ShellNode, SimpleCommand)
  /// What this reader does not understand; a shell may.
  case unknown(line: Int, text: String)

  struct SimpleCommand: Sendable {
    var line: Int
    /// `NAME=word` before the command, or alone.
    var assignments: [Assignment] = []
    var words: [ShellWord] = []
    /// The assignments after `export` and its like.
    var declarations: [Assignment] = []
    /// Files that its output goes to.
    var outputs: [ShellWord] = []
    /// The words of its other redirections: commands in them are run, too.
    var sources: [ShellWord] = []
    /// Where its standard input is redirected from; the last one counts.
    var input: Input?

    /// An array is any number of words.
    struct Assignment: Sendable {
      var name: String
      var words: [ShellWord]
      var isArray = false
      /// `+=`
      var isAppending = false
      /// `name[0]=`
      var index: Int?
    }

    enum Input: Sendable {
      case file(ShellWord)
      /// A here-document or here-string, and the line on which it begins.
      case document(ShellWord, line: Int)
    }
  }
}
