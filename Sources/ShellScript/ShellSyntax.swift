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
  case loop(condition: ShellNode, isUntil: Bool, body: ShellNode, line: Int)
  case forEach(name: String, words: [ShellWord], body: ShellNode)
  case match(ShellWord, branches: [(patterns: [ShellWord], body: ShellNode)])
  case function(name: String, body: ShellNode)
  case subshell(ShellNode)
  /// `[[ … ]]`; the words are nil where it is more than one comparison.
  case test(words: [ShellWord], isSimple: Bool, line: Int)
  /// `(( … ))`
  case arithmetic(String, line: Int)
  /// A compound command with redirections behind it.
  case redirected(ShellNode, SimpleCommand)
  /// What this reader does not understand; the shell may well.
  case unknown(line: Int, text: String)

  struct SimpleCommand: Sendable {
    var line: Int
    /// `NAME=word` before the command, or alone.
    var assignments: [Assignment] = []
    var words: [ShellWord] = []
    /// Those that stand behind `export` and its like.
    var declarations: [Assignment] = []
    /// Files that its output goes to.
    var outputs: [ShellWord] = []
    /// What stands behind its other redirections: commands in there are run, too.
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

  /// Whether nothing is quoted or expanded in it.
  var isPlain: Bool { !written.contains { "\"'$`\\".contains($0) } }

  enum Piece: Sendable {
    case text(String, isQuoted: Bool)
    case variable(Reference, isQuoted: Bool)
    case substitution(ShellNode, isQuoted: Bool)
    /// `$(( … ))`
    case arithmetic(String)
    /// `<( … )`, `>( … )`
    case process(String)
    /// A pattern, or a form that is not evaluated, as it stands there.
    case unknown(String)
  }

  /// `$NAME` and the forms of `${…}` that scripts live by.
  struct Reference: Sendable {
    var name: String
    /// `-`, `:-`, `=`, `:=`, `+`, `:+`, `?`, `:?`, and those that cut or replace.
    var modifier = Modifier.none
    var word: ShellWord?
    /// Whether all elements of an array are meant: `${NAME[@]}`, `$@`.
    var isWhole = false
    /// Whether they are one word where that is quoted: `"${NAME[*]}"`, `"$*"`.
    var isJoined = false
    /// The position in an array, from 0: `${NAME[2]}`.
    var index = 0

    enum Modifier: Sendable {
      case none, useDefault, useDefaultIfEmpty, useOther, useOtherIfNotEmpty
      case assignDefault, assignDefaultIfEmpty
      /// The script ends where it is unset, or empty, too.
      case orEnd, orEndIfEmpty
      /// `#`, `##`, `%`, `%%`: the pattern is the word.
      case cutShortestPrefix, cutLongestPrefix, cutShortestSuffix, cutLongestSuffix
      /// `//text/other`, or the first with one `/`.
      case replace(String, with: String, all: Bool)
      case length
    }
  }
}
