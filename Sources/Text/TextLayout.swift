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
