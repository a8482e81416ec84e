import Policy
import Wire

/// Explains why allow rules do not match a packet: what each rule requires, and what the packet has.
extension AllowRules {
  /// The most rules that get a line of their own; the others are only counted.
  static var mostTold: Int { 8 }

  /// A line for each rule, in the policy's order. If there are too many, the rules with the fewest failed conditions
  /// are listed.
  func failures(_ seen: borrowing Sighting) -> [String] {
    var failed: [(rule: Int, reasons: [String])] = []
    for index in rules.indices {
      let reasons = failures(of: index, seen)
      if !reasons.isEmpty { failed.append((index, reasons)) }
    }
    let nearest = failed.sorted { ($0.reasons.count, $0.rule) < ($1.reasons.count, $1.rule) }.prefix(Self.mostTold)
    var lines = nearest.sorted { $0.rule < $1.rule }.map { rule, reasons in
      "\(WordedList.quoted(rules[rule].id)) (\(rules[rule].origin)): \(reasons.joined(separator: "; "))"
    }
    if failed.count > lines.count { lines.append("and \(failed.count - lines.count) more, none of which matches") }
    return lines
  }

  /// All conditions of a rule that fail; empty if the rule matches.
  private func failures(of index: Int, _ seen: borrowing Sighting) -> [String] {
    let rule = rules[index]
    var reasons: [String] = []
    if isExpired(index, at: seen.moment), let expires = rule.expires {
      reasons.append("it expired after \(expires.text)")
    }
    let belonging = belonging(rule, seen)
    if !belonging.isOwn { reasons.append(text(belonging, rule, seen)) }
    if !filterMatches(rule, seen) { reasons.append(filterFailure(rule, seen)) }
    if !namesMatch(rule, seen) { reasons.append(nameFailure(rule, seen)) }
    return reasons
  }

  private func text(_ belonging: OriginDirectory.Belonging, _ rule: AllowRule, _ seen: borrowing Sighting) -> String {
    let wanted = WordedList.quoted(rule.containers)
    let source = seen.packet.source
    let station = seen.link.map { "\($0.source)" } ?? ""
    switch belonging {
    case .own: return ""
    case .otherOwner:
      return
        "\(source) is the address of \(WordedList.quoted(directory.names[source] ?? [])), the rule requires \(wanted)"
    case .otherStation:
      let owners = seen.link.flatMap { directory.namesByMAC[$0.source] } ?? []
      return "\(station) is the MAC address of \(WordedList.quoted(owners)), the rule requires \(wanted)"
    case .strangeAddress: return "\(source) is not a known address of \(wanted), which the rule requires"
    case .strangeStation: return "\(station) is not a known MAC address of \(wanted), which the rule requires"
    case .unknown: return "the container is unknown here, the rule requires \(wanted)"
    }
  }

  private func filterFailure(_ rule: AllowRule, _ seen: borrowing Sighting) -> String {
    guard let filter = rule.filterExpression else { return "it has no condition, so it matches nothing" }
    let captured = seen.packet.packetBytes(seen.frame).byteCount
    let cut =
      captured < Int(seen.packet.packetLength)
      ? ", of which \(captured) of \(seen.packet.packetLength) bytes were captured" : ""
    return "filter \(WordedList.quoted(filter)) does not match \(seen.packet.passage)\(cut)"
  }

  private func nameFailure(_ rule: AllowRule, _ seen: borrowing Sighting) -> String {
    let wanted = "the rule requires a query name that is \(Self.patterns(rule.queryNames))"
    guard let questions = DNSQuestions(seen.packet, seen.frame) else { return "it holds no DNS message, \(wanted)" }
    let others = questions.list.filter { !Self.covers(rule, $0.name) }.map(\.name)
    if !others.isEmpty {
      // Any bytes can be read as a message: they are called query names only on a DNS port.
      let subject = seen.packet.isOfNames ? "query name" : "it is not DNS; read as DNS, it asks for"
      return "\(subject) \(WordedList.quoted(others)), and \(wanted)"
    }
    return questions.isIncomplete
      ? "not all that it asks for can be read, \(wanted)" : "it asks for nothing, \(wanted)"
  }

  /// `'vpn.example' or below '.ntp.org'`.
  private static func patterns(_ names: [String]) -> String {
    let words = names.map { $0.hasPrefix(".") ? "below \(WordedList.quoted($0))" : WordedList.quoted($0) }
    return words.count == 2 ? words.joined(separator: " or ") : WordedList.text(words)
  }
}
