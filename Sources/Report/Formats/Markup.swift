import Text

/// HTML, SVG and XML made of text: everything from outside goes through `escaped`.
enum Markup {
  /// Text in content and in quoted attributes. Control characters, which XML has no way to write (XML 1.0, section 2.2), and
  /// what a person could be led astray with are spelled out.
  static func escaped(_ text: String) -> String {
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

  /// A name from outside: in its own reading order, whatever stands around it.
  static func name(_ text: String) -> String { "<bdi class=\"mono\">\(escaped(text))</bdi>" }

  /// At most `count` characters, with a sign that there is more.
  static func short(_ text: String, _ count: Int) -> String {
    let safe = Formatting.safe(text)
    return safe.count > count ? safe.prefix(count - 1) + "…" : safe
  }
}
