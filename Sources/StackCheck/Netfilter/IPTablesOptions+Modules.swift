import ShellScript
import Wire

/// The options of modules and targets.
extension IPTablesOptions {
  mutating func readModuleOption(_ option: String, into command: inout IPTablesCommand) {
    let owners = IPTablesModules.owners(of: option)
    guard !owners.isEmpty else { return add(.unreadable(option), to: &command) }
    let stated = transport.flatMap { $0.isNegated ? nil : $0.number }
    // -p loads the protocol's own module.
    let ofProtocol = IPTablesModules.ofProtocol[stated ?? 0]
    guard let module = modules.last(where: owners.contains) ?? ofProtocol.flatMap({ owners.contains($0) ? $0 : nil })
    else {
      // A module that is not known here may have an option of that name.
      if modules.allSatisfy(IPTablesModules.known.contains) {
        command.refuse("\(option) is an option of \(owners.sorted().joined(separator: ", ")), which is not stated")
      }
      return add(.unreadable(option), to: &command)
    }
    isOnce(option, of: module, &command)
    let hasPorts = stated.map { ProtocolSet.withPorts.contains($0) } ?? false
    switch option {
    case "--dport", "--destination-port", "--dports", "--destination-ports", "--sport", "--source-port", "--sports",
      "--source-ports", "--ports":
      // iptables-nft accepts it and also tests protocols without such ports; iptables-legacy refuses it.
      if transport?.isNegated == true { return add(.unreadable("! -p with \(option)"), to: &command) }
      guard hasPorts, module == "multiport" || ofProtocol == module else {
        return command.refuse("\(option) needs -p \(module == "multiport" ? "tcp, -p udp or the like" : module)")
      }
      let isMultiple = module == "multiport"
      add(value(), to: &command) { text in
        guard let ranges = IPTablesWords.ports(text), isMultiple || ranges.count == 1 else { return nil }
        // multiport holds 15 ports, and a range counts as two.
        guard ranges.reduce(0, { $0 + ($1.isSingle ? 1 : 2) }) <= 15 else { return nil }
        return option == "--ports"
          ? .ports(ranges) : option.hasPrefix("--d") ? .destinationPorts(ranges) : .sourcePorts(ranges)
      }
    case "--icmp-type", "--icmpv6-type":
      let family = family
      guard stated == (family == .ipv4 ? 1 : 58), (option == "--icmp-type") == (family == .ipv4) else {
        return command.refuse("\(option) needs -p \(family == .ipv4 ? "icmp" : "icmpv6")")
      }
      add(value(), to: &command) { text in IPTablesWords.icmp(text, family).map { .icmp([$0]) } }
    case "--mark" where module == "mark":
      add(value(), to: &command) { IPTablesWords.mark($0).map { .mark($0.value, mask: $0.mask) } }
    case "--dst-type":
      let types = (next?.value == "!" ? nil : next?.value)?.uppercased().split(separator: ",").map(String.init) ?? []
      if family == .ipv6, !Set(types).isSubset(of: IPTablesModules.ipv6Types) {
        command.refuse("ip6tables knows no such type of address")
      }
      add(value(), to: &command) { .destinationType($0.uppercased().split(separator: ",").map(String.init)) }
    case "--state", "--ctstate":
      add(value(), to: &command) { .connectionState($0.uppercased().split(separator: ",").map(String.init)) }
    case "--src-range", "--dst-range":
      let family = family
      add(value(), to: &command) { text in
        guard let range = IPTablesWords.addresses(text), range.lowerBound.isIPv4 == (family == .ipv4) else {
          return nil
        }
        return option == "--src-range" ? .source([range]) : .destination([range])
      }
    case "--comment": _ = value()
    default:
      let words = (0..<IPTablesModules.arity(of: option)).map { _ in value()?.written ?? "" }
      // Options that only say how often, or how a chance is counted, belong to the module.
      if !IPTablesModules.ofChance.contains(module) {
        add(.some(([option] + words).joined(separator: " ")), to: &command)
      }
    }
  }

  mutating func readTarget(_ word: ShellArgument?, goesTo: Bool, into command: inout IPTablesCommand) {
    guard let target = word?.value else {
      if word == nil { return command.refuse("a target is missing") }
      command.problem = "the target \(word?.written ?? "") is not known before it runs"
      return
    }
    if goesTo {
      command.rule.action = .goTo(target)
    } else if let action = IPTablesModules.actions[target] {
      command.rule.action = action
    } else if IPTablesModules.unfollowed.contains(target) {
      command.problem = "what \(target) does to a packet is not followed"
    } else {
      command.rule.action = .jump(target)
    }
    command.target = target
  }

  mutating func readTargetOption(_ option: String, into command: inout IPTablesCommand) {
    let count = IPTablesModules.targetOptionsAlone.contains(option) ? 0 : 1
    let word = count == 0 ? nil : value()
    if count == 1, word?.value?.isEmpty != false, word?.value != nil || word == nil {
      return command.refuse("\(option) has no value")
    }
    if command.targetOptions.contains(where: { $0.option == option }) { command.refuse("\(option) is stated twice") }
    command.targetOptions.append((option, word))
  }
}
