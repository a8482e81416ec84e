/// A word before its expansion.
struct ShellWord: Sendable {
  var pieces: [Piece] = []
  /// As written in the script.
  var written = ""

  /// Whether nothing in it is quoted or expanded.
  var isPlain: Bool { !written.contains { "\"'$`\\".contains($0) } }

  enum Piece: Sendable {
    case text(String, isQuoted: Bool)
    case variable(Reference, isQuoted: Bool)
    case substitution(ShellNode, isQuoted: Bool)
    /// `$(( … ))`
    case arithmetic(String)
    /// `<( … )`, `>( … )`
    case process(String)
    /// A pattern, or a form that is not evaluated, as it is written.
    case unknown(String)
  }

  /// `$NAME` and the forms of `${…}` that scripts depend on.
  struct Reference: Sendable {
    var name: String
    /// `-`, `:-`, `=`, `:=`, `+`, `:+`, `?`, `:?`, and those that cut or replace.
    var modifier = Modifier.none
    var word: ShellWord?
    /// Whether all elements of an array are meant: `${NAME[@]}`, `$@`.
    var isWhole = false
    /// Whether they become one word if that is quoted: `"${NAME[*]}"`, `"$*"`.
    var isJoined = false
    /// The position in an array, from 0: `${NAME[2]}`.
    var index = 0

    enum Modifier: Sendable {
      case none, useDefault, useDefaultIfEmpty, useOther, useOtherIfNotEmpty
      case assignDefault, assignDefaultIfEmpty
      /// The script ends if it is unset; with the second, also if it is empty.
      case orEnd, orEndIfEmpty
      /// `#`, `##`, `%`, `%%`: the pattern is the word.
      case cutShortestPrefix, cutLongestPrefix, cutShortestSuffix, cutLongestSuffix
      /// `//text/other`, or the first with one `/`.
      case replace(String, with: String, all: Bool)
      case length
    }
  }
}
