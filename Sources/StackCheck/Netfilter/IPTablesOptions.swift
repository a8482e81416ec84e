import ShellScript
import Wire

/// The options of iptables(8) and iptables-extensions(8), one after the other, as the program reads them. A module's
/// options are known after the option that loads it, a protocol's after `-p`, a target's after `-j`.
struct IPTablesOptions {
  private var words: [ShellArgument]
  private var index = 0
  let family: IPFamily
  private(set) var isNegated = false
  private(set) var modules: [String] = []
  /// The options that were read; for modules, those since the module was last named.
  private var seen: Set<String> = []
  private var seenOfModules: [String: Set<String>] = [:]
  /// The protocol; nil if none is stated.
  private(set) var transport: (number: UInt8, isNegated: Bool)?
  private var target: String?
  private var hasSeveral = false
  private var hasNegatedAddress = false
  /// The number of rules that iptables makes of this one for its addresses. More than the limit are a problem.
  private var rulesOfOne = 1
  private static let mostRulesOfOne = 64

  init(_ words: some Sequence<ShellArgument>, family: IPFamily) {
    self.words = Array(words)
    self.family = family
  }

  var next: ShellArgument? { index < words.count ? words[index] : nil }

  private mutating func take() -> ShellArgument? {
    guard let word = next else { return nil }
    index += 1
    return word
  }

  /// The value of an option. The sign may come before it, as in older releases.
  mutating func value() -> ShellArgument? {
    if next?.value == "!" {
      isNegated = true
      index += 1
    }
    return take()
  }

  mutating func read(into command: inout IPTablesCommand) {
    while let word = take() {
      guard let option = word.value else {
        // An unknown word may be any option, or several of them.
        add(.unreadable(word.written), to: &command)
        continue
      }
      if option == "!" {
        isNegated = true
        continue
      }
      readOption(separated(option, word), into: &command)
      isNegated = false
    }
    checkModules(&command)
    if command.verb == nil { command.problem = command.problem ?? "it names no command such as -A or -I" }
  }

  /// Splits `--option=value` and `-ovalue` into two words, and `-nL` into two options.
  private mutating func separated(_ option: String, _ word: ShellArgument) -> String {
    func push(_ text: Substring) {
      words.insert(ShellArgument(String(text), written: word.written), at: index)
    }
    if option.hasPrefix("--") {
      guard let sign = option.firstIndex(of: "=") else { return option }
      push(option[option.index(after: sign)...])
      return String(option[..<sign])
    }
    guard option.hasPrefix("-"), option.count > 2 else { return option }
    let rest = option.dropFirst(2)
    push("nvx46".contains(option.dropFirst().first ?? " ") ? "-" + rest : rest)
    return String(option.prefix(2))
  }

  private mutating func readOption(_ option: String, into command: inout IPTablesCommand) {
    if readVerb(option, into: &command) { return }
    switch option {
    case "-t", "--table":
      let table = value()?.value ?? ""
      command.table = table
      if !["filter", "nat", "mangle", "raw", "security"].contains(table) {
        command.refuse("there is no table '\(table)'")
      }
    case "-w", "--wait", "-W", "--wait-interval":
      if let number = next?.value, UInt(number) != nil { index += 1 }
    case "-n", "--numeric", "-v", "--verbose", "-x", "--exact", "--line-numbers": break
    case "-4", "--ipv4", "-6", "--ipv6":
      // In a restore, the other family's program skips such a line (iptables(8)). In a call it refuses the option.
      if option.contains("4") != (family == .ipv4) { command.refuse("it belongs to the other family") }
    case "-c", "--set-counters":
      _ = take()
      _ = take()
    case "-j", "--jump", "-g", "--goto":
      if target != nil { command.refuse("it has two targets") }
      let word = value()
      target = word?.value
      readTarget(word, goesTo: option == "-g" || option == "--goto", into: &command)
    case "-m", "--match":
      guard let module = value()?.value else { return add(.unreadable("-m"), to: &command) }
      modules.append(module)
      seenOfModules[module] = []
      if IPTablesModules.ofChance.contains(module) { add(.some(module), to: &command) }
      if !IPTablesModules.known.contains(module) { add(.unreadable("-m \(module)"), to: &command) }
    case "-p", "--protocol":
      isOnce(option, &command)
      readTransport(into: &command)
    case "-o", "--out-interface":
      isOnce(option, &command)
      if ["INPUT", "PREROUTING"].contains(command.chain) { command.refuse("-o is not allowed in \(command.chain)") }
      addInterface(to: &command) { .outInterface([$0]) }
    case "-i", "--in-interface":
      isOnce(option, &command)
      if ["OUTPUT", "POSTROUTING"].contains(command.chain) { command.refuse("-i is not allowed in \(command.chain)") }
      addInterface(to: &command) { .inInterface([$0]) }
    case "-s", "--source", "--src":
      isOnce(option, &command)
      addAddresses(to: &command) { .source($0) }
    case "-d", "--destination", "--dst":
      isOnce(option, &command)
      addAddresses(to: &command) { .destination($0) }
    default:
      if IPTablesModules.targetOptions(of: target).contains(option) {
        readTargetOption(option, into: &command)
      } else {
        readModuleOption(option, into: &command)
      }
    }
  }

  /// iptables accepts each of its own options once.
  private mutating func isOnce(_ option: String, _ command: inout IPTablesCommand) {
    let letter = option.hasPrefix("--") ? "-" + option.dropFirst(2).prefix(1) : option
    if !seen.insert(letter).inserted { command.refuse("\(option) is stated twice") }
  }

  /// A module's options may each be stated once, and multiport takes only one in all.
  mutating func isOnce(_ option: String, of module: String, _ command: inout IPTablesCommand) {
    let isNew = seenOfModules[module, default: []].insert(IPTablesModules.usualName(of: option)).inserted
    if !isNew || module == "multiport" && seenOfModules[module]!.count > 1 {
      command.refuse("\(module) takes no second \(option)")
    }
  }

  /// A module needs an option of its own, and a protocol's module needs that protocol for certain.
  private func checkModules(_ command: inout IPTablesCommand) {
    let ofProtocol = Set(IPTablesModules.ofProtocol.values)
    let stated = transport.flatMap { $0.isNegated ? nil : IPTablesModules.ofProtocol[$0.number] }
    for module in modules where IPTablesModules.known.contains(module) {
      let name = module == "icmpv6" ? "icmp6" : module
      if ofProtocol.contains(name), stated != name { command.refuse("-m \(module) needs -p \(module)") }
      if seenOfModules[module]?.isEmpty != false, !IPTablesModules.askAlone.contains(module) {
        command.refuse("-m \(module) needs an option of its own")
      }
    }
  }

  /// An empty name means every interface, as if none were stated.
  private mutating func addInterface(to command: inout IPTablesCommand, _ make: (String) -> RuleMatch.Test) {
    guard let word = value() else { return add(nil, to: &command) { _ in nil } }
    if word.value?.isEmpty == true {
      if isNegated { add(.unreadable("! and an empty name"), to: &command) }
      return
    }
    if let name = word.value, name.utf8.count > 15 {
      command.refuse("'\(name)' is too long for an interface's name")
    }
    add(word, to: &command) { make($0) }
  }

  private mutating func readTransport(into command: inout IPTablesCommand) {
    let word = value()
    guard let number = word?.value.flatMap(IPTablesWords.transport) else {
      return add(word, to: &command) { _ in nil }
    }
    transport = (number, isNegated)
    if number != 0 { return add(.transport([number]), to: &command) }
    if isNegated { command.refuse("no packet has no protocol") }
  }

  private mutating func readVerb(_ option: String, into command: inout IPTablesCommand) -> Bool {
    guard let verb = IPTablesCommand.Verb.options[option] else { return false }
    command.verb = verb
    if let chain = next?.value, !chain.hasPrefix("-"), chain != "!" {
      command.chain = chain
      index += 1
      if verb == .newChain, chain.utf8.count > 28 { command.refuse("'\(chain)' is too long for a chain's name") }
    } else if next != nil, next?.value == nil {
      command.problem = "the chain \(take()!.written) is not known before it runs"
    }
    if let number = next?.value.flatMap({ Int($0) }), [.insert, .replace, .delete].contains(verb) {
      command.number = number
      index += 1
    }
    if verb == .policy {
      let policy = take()
      switch policy?.value {
      case "ACCEPT": command.refusesByDefault = false
      case "DROP": command.refusesByDefault = true
      case let text?: command.refuse("there is no policy '\(text)'")
      case nil: command.problem = "the policy \(policy?.written ?? "") is not known before it runs"
      }
    }
    if verb == .rename { command.newName = take()?.value }
    return true
  }

  mutating func add(_ test: RuleMatch.Test, to command: inout IPTablesCommand) {
    command.rule.matches.append(RuleMatch(test: test, isNegated: isNegated))
  }

  mutating func add(
    _ word: ShellArgument?, to command: inout IPTablesCommand, _ read: (String) -> RuleMatch.Test?
  ) {
    if let test = word?.value.flatMap(read) { return add(test, to: &command) }
    // The word is known, and it is an option's name, empty or missing: the program stops here.
    if word == nil || word?.value?.isEmpty == true || word?.value?.hasPrefix("-") == true {
      command.refuse(
        word.map { "iptables takes '\($0.value ?? "")' for a value and refuses it" } ?? "a value is missing")
    }
    add(.unreadable(word?.written ?? "a missing value"), to: &command)
  }

  private mutating func addAddresses(
    to command: inout IPTablesCommand, _ make: ([ClosedRange<IPAddress>]) -> RuleMatch.Test
  ) {
    let family = family
    let word = value()
    hasSeveral = hasSeveral || word?.value?.contains(",") == true
    hasNegatedAddress = hasNegatedAddress || isNegated
    if hasSeveral, hasNegatedAddress { command.refuse("! is not for several addresses") }
    if word?.value?.split(separator: ",").contains(where: {
      IPTablesWords.addresses(String($0)).map { $0.lowerBound.isIPv4 != (family == .ipv4) } ?? false
    }) == true {
      command.refuse("an address belongs to the other family")
    }
    let count = word?.value?.split(separator: ",").count ?? 1
    rulesOfOne = min(rulesOfOne, Self.mostRulesOfOne) * max(count, 1)
    if rulesOfOne > Self.mostRulesOfOne { command.problem = "it names more addresses than are followed" }
    add(word, to: &command) { text in
      let ranges = text.split(separator: ",").map { $0.contains("-") ? nil : IPTablesWords.addresses(String($0)) }
      return ranges.contains(nil) ? nil : make(ranges.map { $0! })
    }
  }
}
