import ShellScript

/// What `ip route` and `ip address` tell a script of the container, through the filters that scripts use.
extension ScriptHost {
  /// `ip route | awk '/default/ {print $3}'` and its like ask for the gateway, or with `$5` for the interface;
  /// `ip address show eth0 | … cut -d/ -f1` asks for the own address. Nil for anything else.
  func toldByRoutes(_ pipeline: [ShellCommand]) -> String? {
    let words = pipeline[0].words.compactMap(\.value)
    guard pipeline[0].name == "ip", pipeline.count > 1, !words.contains("-6"),
      !words.contains(where: { $0.hasPrefix("wg") }),
      pipeline.allSatisfy(isHarmless)
    else { return nil }
    let filters = pipeline.dropFirst().map(\.text)
    if words.contains(where: ["route", "r", "ro"].contains), !words.contains("get") {
      guard (words + filters).contains(where: { $0.contains("default") }) else { return nil }
      // `show default dev eth0` does not name the interface in its answer.
      let namesInterface = !words.contains("dev")
      switch Self.field(of: filters) {
      case "3", "via": return "\(gatewayAddress)"
      case "5" where namesInterface, "dev" where namesInterface: return onlyNetwork
      default: return nil
      }
    }
    guard words.contains(where: ["address", "addr", "a"].contains), words.contains("eth0"),
      // Without the prefix length after it.
      filters.contains(where: { $0.contains("/") || $0.contains("\\d") || $0.contains("[0-9]") })
    else { return nil }
    return "\(ownAddress)"
  }

  /// The field of the line that the filters keep, or the word before it.
  private static func field(of filters: [String]) -> String? {
    var fields: Set<String> = []
    for text in filters {
      for field in text.matches(of: /\$(\d+)/) { fields.insert(String(field.1)) }
      if text.hasPrefix("cut") {
        for field in text.matches(of: /-f *(\d+)/) { fields.insert(String(field.1)) }
      }
      // grep -oP 'via \K\S+', sed 's/.*via \([^ ]*\).*/\1/'
      for word in ["via", "dev"] where text.hasPrefix("grep") || text.hasPrefix("sed") {
        if text.contains(word + " ") || text.contains(word + "\\s") { fields.insert(word) }
      }
    }
    return fields.count == 1 ? fields.first : nil
  }
}
