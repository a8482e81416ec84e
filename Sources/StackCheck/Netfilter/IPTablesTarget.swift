import ShellScript
import Wire

extension IPTablesCommand {
  /// Applies the target's options, and checks whether iptables and the kernel accept the target in this table, chain
  /// and protocol (iptables-extensions(8), TARGET EXTENSIONS).
  mutating func settleTarget(_ transport: (number: UInt8, isNegated: Bool)?) {
    if verb == .policy, table == "nat", refusesByDefault { return refuse("the table nat is not for filtering") }
    guard let target else { return }
    let stated = transport.flatMap { $0.isNegated ? nil : $0.number }
    switch target {
    case "DROP" where table == "nat": refuse("the table nat is not for filtering")
    case "REJECT":
      guard table == "filter" else { return refuse("REJECT is only for the table filter") }
      rule.answer = option("--reject-with").map { $0.value ?? $0.written } ?? "port-unreach"
      guard let answer = option("--reject-with")?.value else { return }
      guard Self.rejections(family).contains(answer) || answer == "tcp-reset" || answer == "tcp-rst" else {
        return refuse("there is no such answer as '\(answer)' in \(family.rawValue)")
      }
      if answer.hasPrefix("tcp-"), stated != 6 { refuse("\(answer) needs -p tcp") }
    case "SNAT", "MASQUERADE":
      guard table == "nat" else { return refuse("\(target) is only for the table nat") }
      if ["PREROUTING", "OUTPUT"].contains(chain) { refuse("\(target) is not allowed in \(chain)") }
      if target == "SNAT", option("--to-source") == nil { refuse("SNAT needs --to-source") }
    case "DNAT", "REDIRECT", "NETMAP": settleTranslation(target)
    case "MARK":
      guard let change = markChange() else { return refuse("MARK needs --set-mark or another such option") }
      if let change { rule.action = .change(.mark(value: change.value, mask: change.mask)) }
    case "CONNMARK":
      guard option("--restore-mark") != nil else {
        rule.marksFlow = true
        return
      }
      let masks = ["--mask", "--nfmask", "--ctmask"].compactMap { option($0) }
      let isWhole = masks.allSatisfy { $0.value.flatMap(IPTablesWords.number) == .max }
      rule.action = .change(isWhole ? .flowMark : .anyMark)
    case "NOTRACK", "CT":
      guard table == "raw" else { return refuse("\(target) is only for the table raw") }
      if option("--notrack") != nil { rule.action = .change(.untrack) }
    default: break
    }
  }

  private func option(_ name: String) -> ShellArgument? {
    targetOptions.first { $0.option == name }.map { $0.word ?? ShellArgument("", written: "") }
  }

  private mutating func settleTranslation(_ target: String) {
    guard table == "nat" else { return refuse("\(target) is only for the table nat") }
    if target != "NETMAP", ["POSTROUTING", "INPUT"].contains(chain) {
      return refuse("\(target) is not allowed in \(chain)")
    }
    if target == "REDIRECT" {
      // REDIRECT leads to the namespace's own addresses, and states only ports.
      let own = IPPrefix(family == .ipv4 ? "127.0.0.1/32" : "::1/128")!.range
      rule.action = .change(.destination(chain == "OUTPUT" ? own : nil, port: nil))
      return
    }
    guard target == "DNAT" else { return }
    guard let word = option("--to-destination") else { return refuse("DNAT needs --to-destination") }
    guard let text = word.value else { return }
    // 10.0.0.1:53, [fd00::1]:53
    let hasPort = family == .ipv4 ? text.contains(":") : text.hasPrefix("[")
    let parts = hasPort ? text.split { family == .ipv4 ? $0 == ":" : "[]".contains($0) }.map(String.init) : [text]
    let ports = parts.dropFirst().first.flatMap { text in
      IPTablesWords.ports(text.filter { $0 != ":" }.replacing("-", with: ":"))
    }
    let address = parts.first
    if let range = address.flatMap(IPTablesWords.addresses), range.lowerBound.isIPv4 == (family == .ipv4) {
      rule.action = .change(.destination(range, port: hasPort ? ports?.first ?? 0...UInt16.max : nil))
    }
  }

  /// The change of the mark. Nil if none is stated; an inner nil if the mark is not known, which is a problem.
  private mutating func markChange() -> (value: UInt32, mask: UInt32)?? {
    guard let (name, word) = targetOptions.first, let word else { return .none }
    guard let stated = word.value.flatMap(IPTablesWords.mark) else {
      problem = "the mark \(word.written) is not known before it runs"
      return .some(nil)
    }
    switch name {
    case "--set-mark": return (stated.value, stated.value | stated.mask)
    case "--or-mark": return (stated.value, stated.value)
    case "--and-mark": return (0, ~stated.value)
    case "--xor-mark": return (stated.value, 0)
    default: return stated
    }
  }

  private static func rejections(_ family: IPFamily) -> Set<String> {
    family == .ipv4
      ? [
        "icmp-net-unreachable", "net-unreach", "icmp-host-unreachable", "host-unreach", "icmp-proto-unreachable",
        "proto-unreach", "icmp-port-unreachable", "port-unreach", "icmp-net-prohibited", "net-prohib",
        "icmp-host-prohibited", "host-prohib", "icmp-admin-prohibited", "admin-prohib",
      ]
      : [
        "icmp6-no-route", "no-route", "icmp6-adm-prohibited", "adm-prohibited", "icmp6-addr-unreachable",
        "addr-unreach", "icmp6-port-unreachable", "port-unreach", "icmp6-policy-fail", "policy-fail",
        "icmp6-reject-route", "reject-route",
      ]
  }
}
