import ShellScript

/// A call of ip(8): its object, and what it does to it.
struct IPCall {
  private(set) var family: IPFamily?
  /// The full name.
  private(set) var object: String
  private(set) var verb: String
  /// The words after the verb.
  private(set) var words: ArraySlice<String?>
  /// Whether it may do something unknown: in another namespace, from a file of commands, or to another object.
  private(set) var isUnread = false

  /// Nil if what it does depends on words that are only known when the script runs.
  init?(_ command: ShellCommand) {
    var words = command.words.dropFirst().map(\.value)[...]
    while let option = words.first ?? nil, option.hasPrefix("-") {
      if option == "-6" { family = .ipv6 }
      if option == "-4" { family = .ipv4 }
      isUnread = isUnread || !Self.options.contains(option)
      words = words.dropFirst()
    }
    guard let stated = words.popFirst() ?? "help" else { return nil }
    // ip accepts the beginning of a name.
    object = Self.objects.first { $0.hasPrefix(stated) } ?? ""
    guard let verb = words.popFirst() ?? "show" else { return nil }
    self.verb = verb
    self.words = words
    isUnread = isUnread || object.isEmpty
  }

  /// For a link, `s` means `set`.
  var asks: Bool {
    object == "help" || ["show", "list", "lst", "ls", "get", "l", "sh"].contains(verb)
      || verb == "s" && object != "link"
  }

  /// In the order in which ip looks for them.
  private static let objects = ["address", "route", "rule", "neighbour", "link", "help"]
  private static let options: Set<String> = [
    "-4", "-6", "-o", "-oneline", "-br", "-brief", "-s", "-d", "-details", "-j", "-json", "-p", "-c", "-color", "-N",
    "-family", "-0",
  ]

  /// Whether it only sets a link up or down, sets a size, deletes a link, or adds an interface that carries nothing by
  /// itself. A new name or another namespace does not count.
  var changesLinkPlainly: Bool {
    let known = words.compactMap(\.self)
    guard object == "link", known.count == words.count else { return false }
    switch verb {
    case "set", "s":
      var rest = known[...]
      if ["dev", "group"].contains(rest.first) { rest = rest.dropFirst() }
      rest = rest.dropFirst()
      while let word = rest.popFirst() {
        if ["mtu", "txqueuelen", "qlen"].contains(word) {
          rest = rest.dropFirst()
        } else if word != "up", word != "down" {
          return false
        }
      }
      return true
    case "add", "a":
      let rest = known.first == "dev" ? known.dropFirst() : known[...]
      return rest.count == 3 && rest.dropFirst().first == "type" && ["wireguard", "dummy"].contains(rest.last)
    case "del", "delete", "d": return true
    default: return false
    }
  }
}
