import Text

/// HTML, SVG and XML made from text: everything from outside goes through `escaped`.
package enum Markup {
  /// Escapes text for content and quoted attributes. Two kinds of characters are spelled out: control characters, which
  /// XML cannot express (XML 1.0, section 2.2), and characters that could mislead a reader.
  package static func escaped(_ text: String) -> String {
    Formatting.safe(text).reduce(into: "") { escaped, character in
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.append(character)
      }
    }
  }

  /// A name from outside, in its own reading order whatever surrounds it.
  static func name(_ text: String) -> String { "<bdi class=\"mono\">\(escaped(text))</bdi>" }

  /// At most `count` characters; an ellipsis shows that there is more.
  static func short(_ text: String, _ count: Int) -> String {
    let safe = Formatting.safe(text)
    return safe.count > count ? safe.prefix(count - 1) + "…" : safe
  }
}
