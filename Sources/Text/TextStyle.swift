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

/// What the reader's side can show: how many columns, and whether colour.
package struct TextLayout: Sendable {
  package var width = 80
  package var takesColour = false

  package init(width: Int = 80, takesColour: Bool = false) {
    self.width = width
    self.takesColour = takesColour
  }

  /// The text in a style, or as it is where no colour is wanted.
  package func styled(_ text: String, _ style: TextStyle) -> String {
    takesColour ? style.applied(to: text) : text
  }

  /// A text whose first word is the conclusion, with that word in colour: green, red or yellow, as test runners have it.
  package func concluding(_ text: String) -> String {
    let word = text.prefix(while: \.isLetter)
    let style: TextStyle =
      switch word {
      case "CLEAN", "TUNNEL", "LOCAL", "ALLOWED": .green
      case "LEAKS", "LEAK", "FAULTS": .red
      case "INGRESS": .bold
      default: .yellow
      }
    return styled(String(word), style) + text.dropFirst(word.count)
  }
}
