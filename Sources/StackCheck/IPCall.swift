import ShellScript

/// A call of ip(8): what it is about, and what it does to it.
struct IPCall {
  private(set) var family: IPFamily?
  /// In full.
  private(set) var object: String
  private(set) var verb: String
  /// What stands behind the verb.
  private(set) var words: ArraySlice<String?>
  /// Whether it may do what nobody knows: in another namespace, by a file of commands, or to another object.
  private(set) var isUnread = false

  /// Nil where words decide that only running the script would tell.
  init?(_ command: ShellCommand) {
    var words = command.words.dropFirst().map(\.value)[...]
    while let option = words.first ?? nil, option.hasPrefix("-") {
      if option == "-6" { family = .ipv6 }
      if option == "-4" { family = .ipv4 }
      isUnread = isUnread || !Self.options.contains(option)
      words = words.dropFirst()
    }
    guard let stated = words.popFirst() ?? "help" else { return nil }
    // ip takes the beginning of a name for it.
    object = Self.objects.first { $0.hasPrefix(stated) } ?? ""
    guard let verb = words.popFirst() ?? "show" else { return nil }
    self.verb = verb
    self.words = words
    isUnread = isUnread || object.isEmpty
  }

  /// Of a link, `s` stands for `set`.
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

  /// Up, down, a size, or an interface that carries nothing by itself; a new name or another namespace is none of these.
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
