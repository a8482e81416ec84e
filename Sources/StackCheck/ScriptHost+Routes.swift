import ShellScript
import TextFiles
import Wire

/// ip(8): routes and routing rules, as far as they lead packets past a tunnel or nowhere.
extension ScriptHost {
  mutating func runIP(_ command: ShellCommand) -> ShellOutcome {
    guard let call = IPCall(command), !call.isUnread else {
      leaveOut(line: command.line, text: command.text, because: "what it does to routing is not followed")
      return .unknown
    }
    if call.asks { return .unknown }
    if namespace.policy.isFull, call.object == "route" || call.object == "rule" {
      leaveOut(
        line: command.line, text: command.text, because: "there are more routes or routing rules than can be followed")
      return .unknown
    }
    switch call.object {
    case "route": runRoute(call.verb, call.words, call.family, command)
    case "rule":
      if !runRule(call.verb, call.words, call.family ?? .ipv4, command) {
        leaveOut(line: command.line, text: command.text, because: "what it does to routing is not followed")
      }
    // Addresses and neighbours let nothing out past the rules.
    case "address", "neighbour": break
    default:
      if !call.changesLinkPlainly {
        leaveOut(line: command.line, text: command.text, because: "what it does to the interfaces is not followed")
      }
    }
    // It can fail: the route may exist already, or its gateway may not.
    return .unknown
  }

  /// Whether the command only prints.
  static func asksOnly(_ command: ShellCommand) -> Bool { IPCall(command).map { !$0.isUnread && $0.asks } ?? false }

  private mutating func runRoute(
    _ verb: String, _ arguments: ArraySlice<String?>, _ family: IPFamily?, _ command: ShellCommand
  ) {
    var words = arguments
    var refuses = false
    if let kind = words.first ?? nil, ["blackhole", "unreachable", "prohibit", "unicast", "throw"].contains(kind) {
      // throw is no refusal: the next rule is asked.
      refuses = kind != "unicast" && kind != "throw"
      words = words.dropFirst()
    }
    let stated = words.first ?? nil
    let isDefault = stated == "default" || stated == "all"
    guard let prefix = isDefault ? IPPrefix(family == .ipv6 ? "::/0" : "0.0.0.0/0") : stated.flatMap({ IPPrefix($0) })
    else {
      return leaveOut(
        line: command.line, text: command.text, because: "its destination is not known before it runs")
    }
    func value(of name: String) -> String? {
      guard let index = words.firstIndex(of: name), words.index(after: index) < words.endIndex else { return nil }
      return words[words.index(after: index)]
    }
    let table = Self.tableName(value(of: "table") ?? "main")
    let leadsIntoTunnel = words.contains { $0?.hasPrefix("wg") == true }
    switch verb {
    case "add", "a", "append", "prepend", "replace", "change":
      let metric = (value(of: "metric") ?? value(of: "preference")).flatMap { UInt32($0) }
      // IPv6 gives a route without a stated metric one other than 0.
      let known = RoutingPolicy.Route(
        table: table, prefix: prefix, metric: metric ?? (prefix.family == .ipv6 ? 1024 : 0), refuses: refuses,
        isCertain: command.isCertain, place: SourcePlace(file, line: command.line))
      if !leadsIntoTunnel { namespace.policy.add(known, replaces: verb == "replace" || verb == "change") }
      guard !leadsIntoTunnel, !refuses, table == "main" else { return }
      namespace.routes.append(.init(prefix: prefix, place: SourcePlace(file, line: command.line)))
    case "del", "delete", "d":
      namespace.policy.removeRoute(prefix, table: table, isCertain: command.isCertain)
      if command.isCertain, table == "main" { namespace.routes.removeAll { $0.prefix == prefix } }
    case "flush":
      // Routes that refuse may be among those that it removes.
      leaveOut(line: command.line, text: command.text, because: "which routes it deletes is not followed")
    default: leaveOut(line: command.line, text: command.text, because: "what it does to routing is not followed")
    }
  }

  private static func tableName(_ text: String) -> String {
    ["254": "main", "255": "local", "253": "default"][text] ?? text
  }

  /// Returns whether the rule was understood.
  private mutating func runRule(
    _ verb: String, _ arguments: ArraySlice<String?>, _ family: IPFamily, _ command: ShellCommand
  ) -> Bool {
    guard ["add", "a", "del", "delete", "d"].contains(verb) else { return false }
    var rule = RoutingPolicy.Rule(
      family: family, action: .lookUp("main"), isCertain: command.isCertain,
      place: SourcePlace(file, line: command.line))
    var words = arguments
    var suppresses = false
    while let word = words.popFirst() {
      switch word {
      case "not": rule.isNegated = true
      case "blackhole", "unreachable", "prohibit": rule.action = .refuse
      case "type": continue
      case "fwmark":
        guard let text = words.popFirst() ?? nil, let mark = IPTablesWords.mark(text) else { return false }
        // The kernel takes 0 without a mask as no condition at all (net/core/fib_rules.c, fib_nl2rule).
        if mark.value != 0 || text.contains("/") { rule.mark = .init(value: mark.value, mask: mark.mask) }
      case "priority", "pref", "preference", "order":
        guard let number = (words.popFirst() ?? nil).flatMap({ Int($0) }), number > 0, number < 1 << 31 else {
          return false
        }
        rule.priority = number
      case "lookup", "table":
        guard let table = words.popFirst() ?? nil else { return false }
        rule.action = .lookUp(Self.tableName(table))
      case "suppress_prefixlength", "suppress_prefixlen":
        guard words.popFirst() == "0" else { return false }
        suppresses = true
      case "from", "to":
        guard let text = words.popFirst() ?? nil else { return false }
        if text == "all" || text == "any" { continue }
        guard let prefix = IPPrefix(text), prefix.family == family else { return false }
        if word == "to" {
          rule.destination = prefix
        } else {
          rule.source = prefix
          rule.isCertain = false
        }
      default: return false
      }
    }
    if suppresses {
      guard rule.action == .lookUp("main") else { return false }
      rule.action = .lookUpExceptDefault
    }
    if verb.hasPrefix("a") {
      namespace.policy.add(rule)
    } else {
      namespace.policy.remove(rule, isCertain: command.isCertain)
    }
    return true
  }
}
