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
