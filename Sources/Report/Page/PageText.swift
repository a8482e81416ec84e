/// HTML (and SVG in it) made of text: everything from outside goes through `escaped`.
enum PageText {
  /// Text in content and in quoted attributes. What a browser or a person could be led astray with is spelled out.
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

  static func element(_ tag: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String) -> String {
    let written = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    return "<\(tag)\(written)>\(content)</\(tag)>"
  }

  /// At most `count` characters, with a sign that there is more.
  static func short(_ text: String, _ count: Int) -> String {
    let safe = Formatting.safe(text)
    return safe.count > count ? safe.prefix(count - 1) + "…" : safe
  }
}
