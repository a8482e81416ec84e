import ShellScript
import Wire

/// The options of iptables(8) and iptables-extensions(8), one after the other.
struct IPTablesOptions {
  private var words: [ShellArgument]
  private var index = 0
  private let family: IPFamily
  private var isNegated = false

  init(_ words: some Sequence<ShellArgument>, family: IPFamily) {
    self.words = Array(words)
    self.family = family
  }

  private var next: ShellArgument? { index < words.count ? words[index] : nil }

  private mutating func take() -> ShellArgument? {
    guard let word = next else { return nil }
    index += 1
    return word
  }

  /// The value of an option; the sign may stand before it as in older releases.
  private mutating func value() -> ShellArgument? {
    if next?.value == "!" {
      isNegated = true
      index += 1
    }
    return take()
  }

  mutating func read(into command: inout IPTablesCommand) {
    while let word = take() {
      guard let option = word.value else {
        // A word that nobody knows may be any option, and any number of them.
        add(.unreadable(word.written), to: &command)
        continue
      }
      if option == "!" {
        isNegated = true
        continue
      }
      // --option=value
      if option.hasPrefix("--"), let sign = option.firstIndex(of: "=") {
        words.insert(
          ShellArgument(String(option[option.index(after: sign)...]), written: word.written), at: index)
        readOption(String(option[..<sign]), into: &command)
      } else {
        readOption(option, into: &command)
      }
      isNegated = false
    }
    if command.verb == nil { command.problem = command.problem ?? "it names no command such as -A or -I" }
  }

  private mutating func readOption(_ option: String, into command: inout IPTablesCommand) {
    if readVerb(option, into: &command) { return }
    switch option {
    case "-t", "--table": command.table = value()?.value ?? "filter"
    case "-w", "--wait", "-W", "--wait-interval":
      if let number = next?.value, UInt(number) != nil { index += 1 }
    case "-n", "--numeric", "-v", "--verbose", "-x", "--exact", "--line-numbers", "-4", "--ipv4", "-6", "--ipv6": break
    case "-j", "--jump": readTarget(value(), goesTo: false, into: &command)
    case "-g", "--goto": readTarget(value(), goesTo: true, into: &command)
    case "-m", "--match":
      // A module by itself asks nothing, with the exception of those that count or choose.
      if let module = value()?.value, ["limit", "hashlimit", "statistic", "recent", "time", "quota"].contains(module) {
        add(.some(module), to: &command)
      }
    case "-o", "--out-interface": add(value(), to: &command) { .outInterface([$0]) }
    case "-i", "--in-interface":
      _ = value()
      add(.inInterface, to: &command)
    case "-s", "--source", "--src": addPrefixes(to: &command) { .source($0) }
    case "-d", "--destination", "--dst": addPrefixes(to: &command) { .destination($0) }
    case "-p", "--protocol":
      add(value(), to: &command) { .transport([Self.transportName($0)]) }
    case "--dport", "--destination-port", "--dports", "--destination-ports":
      add(value(), to: &command) { Self.ports($0).map { .destinationPorts($0) } }
    case "--sport", "--source-port", "--sports", "--source-ports":
      add(value(), to: &command) { Self.ports($0).map { .sourcePorts($0) } }
    case "--mark": add(value(), to: &command) { Self.mark($0).map { .mark($0.value, mask: $0.mask) } }
    case "--dst-type":
      add(value(), to: &command) { .destinationType($0.uppercased().split(separator: ",").map(String.init)) }
    case "--state", "--ctstate":
      add(value(), to: &command) { .connectionState($0.uppercased().split(separator: ",").map(String.init)) }
    case "--uid-owner", "--gid-owner", "--src-type", "--icmp-type", "--icmpv6-type", "--ctdir", "--ctstatus",
      "--length",
      "--ttl-eq", "--hl-eq", "--mac-source", "--cgroup", "--path", "--match-set", "--tcp-flags", "--src-range",
      "--dst-range", "--pkt-type":
      let text = "\(option) \(value()?.written ?? "")"
      if option == "--tcp-flags" || option == "--match-set" { _ = take() }
      add(.some(text), to: &command)
    case "--syn", "-f", "--fragment", "--socket-exists": add(.some(option), to: &command)
    case "--comment", "--reject-with", "--log-prefix", "--log-level", "--limit", "--limit-burst", "--set-mark",
      "--set-xmark", "--to-destination", "--to-source", "--to-ports", "--every", "--mode", "--probability",
      "--hashlimit-above", "--hashlimit-upto", "--hashlimit-name", "--seconds", "--name":
      _ = value()
    case "--clamp-mss-to-pmtu", "--random", "--log-uid", "--save-mark", "--restore-mark": break
    default: add(.unreadable(option), to: &command)
    }
  }

  private mutating func readVerb(_ option: String, into command: inout IPTablesCommand) -> Bool {
    let verb: IPTablesCommand.Verb
    switch option {
    case "-A", "--append": verb = .append
    case "-I", "--insert": verb = .insert
    case "-R", "--replace": verb = .replace
    case "-D", "--delete": verb = .delete
    case "-C", "--check": verb = .check
    case "-P", "--policy": verb = .policy
    case "-N", "--new-chain": verb = .newChain
    case "-X", "--delete-chain": verb = .deleteChain
    case "-F", "--flush": verb = .flush
    case "-E", "--rename-chain": verb = .rename
    case "-L", "--list", "-S", "--list-rules", "-Z", "--zero": verb = .list
    default: return false
    }
    command.verb = verb
    if let chain = next?.value, !chain.hasPrefix("-"), chain != "!" {
      command.chain = chain
      index += 1
    } else if next != nil, next?.value == nil {
      command.problem = "the chain \(take()!.written) is not known before it runs"
    }
    if let number = next?.value.flatMap({ Int($0) }), [.insert, .replace, .delete].contains(verb) {
      command.number = number
      index += 1
    }
    if verb == .policy { command.refusesByDefault = take()?.value != "ACCEPT" }
    if verb == .rename { command.newName = take()?.value }
    return true
  }

  private mutating func readTarget(_ word: ShellArgument?, goesTo: Bool, into command: inout IPTablesCommand) {
    guard let target = word?.value else {
      command.problem = "the target \(word?.written ?? "") is not known before it runs"
      return
    }
    switch target {
    case "ACCEPT": command.rule.action = .accept
    case "DROP", "REJECT": command.rule.action = .refuse
    case "RETURN": command.rule.action = .leaveChain
    case "MARK", "CONNMARK":
      if command.table == "mangle", command.chain == "OUTPUT" {
        command.problem = "it changes marks, which this audit does not follow"
      }
    case "LOG", "NFLOG", "TCPMSS", "MASQUERADE", "SNAT", "DNAT", "REDIRECT", "NOTRACK", "CT", "DSCP", "TOS", "AUDIT",
      "TRACE", "SET", "NETMAP", "CHECKSUM", "CLASSIFY":
      command.rule.action = .goOn
    default: command.rule.action = goesTo ? .goTo(target) : .jump(target)
    }
  }

  private mutating func add(_ test: RuleMatch.Test, to command: inout IPTablesCommand) {
    command.rule.matches.append(RuleMatch(test: test, isNegated: isNegated))
  }

  private mutating func add(
    _ word: ShellArgument?, to command: inout IPTablesCommand, _ read: (String) -> RuleMatch.Test?
  ) {
    if let test = word?.value.flatMap(read) { return add(test, to: &command) }
    // A value that is known, and an option's name or nothing at all: the program stops here.
    if word == nil || word?.value?.isEmpty == true || word?.value?.hasPrefix("-") == true {
      command.isRefused = true
      command.problem =
        word.map { "iptables takes '\($0.value ?? "")' for a value and refuses it" } ?? "a value is missing"
    }
    add(.unreadable(word?.written ?? "a missing value"), to: &command)
  }

  private mutating func addPrefixes(to command: inout IPTablesCommand, _ make: ([IPPrefix]) -> RuleMatch.Test) {
    add(value(), to: &command) { text in
      let prefixes = text.split(separator: ",").map { IPPrefix(String($0)) }
      return prefixes.contains(nil) ? nil : make(prefixes.map { $0! })
    }
  }
}

extension IPTablesOptions {
  static func transportName(_ text: String) -> String {
    switch text.lowercased() {
    case "icmp", "icmpv6", "ipv6-icmp", "1", "58": "icmp"
    case "tcp", "6": "tcp"
    case "udp", "17": "udp"
    case "0", "all": "all"
    default: text.lowercased()
    }
  }

  static func ports(_ text: String) -> [ClosedRange<UInt16>]? {
    var ranges: [ClosedRange<UInt16>] = []
    for item in text.split(separator: ",") {
      let ends = item.split(whereSeparator: { $0 == ":" || $0 == "-" }).map { port(String($0)) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else { return nil }
      ranges.append(first...last)
    }
    return ranges.isEmpty ? nil : ranges
  }

  /// By number, or by the few names that stand in such rules.
  private static func port(_ text: String) -> UInt16? {
    switch text {
    case "domain": 53
    case "domain-s": 853
    case "http": 80
    case "https": 443
    case "ntp": 123
    default: UInt16(text)
    }
  }

  /// `value` or `value/mask`, each as strtoul(3) with base 0 reads it.
  static func mark(_ text: String) -> (value: UInt32, mask: UInt32)? {
    let parts = text.split(separator: "/", maxSplits: 1).map { number(String($0)) }
    guard let value = parts.first ?? nil else { return nil }
    guard parts.count == 2 else { return (value, .max) }
    return parts[1].map { (value, $0) }
  }

  static func number(_ text: String) -> UInt32? {
    let text = text.lowercased()
    if text.hasPrefix("0x") { return UInt32(text.dropFirst(2), radix: 16) }
    return UInt32(text, radix: text.hasPrefix("0") && text.count > 1 ? 8 : 10)
  }
}
