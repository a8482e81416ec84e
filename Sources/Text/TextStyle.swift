/// How text stands out on a terminal (ECMA-48, SGR). Only the program itself writes such codes: in text from outside the
/// escape character is made visible (`Formatting.safe`).
package enum TextStyle: String, Sendable {
  case bold = "1"
  case red = "1;31"
  case green = "1;32"
  case yellow = "1;33"
  case cyan = "1;36"

  package func applied(to text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }

  /// Goes to the beginning of the terminal's line and erases it.
  package static let erasedLine = "\r\u{1B}[K"
}
