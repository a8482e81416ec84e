import Policy
import Wire

/// The user's exceptions, tried in order for a packet that is neither the tunnel's nor an inner packet in clear.
struct AllowRules: Sendable {
  let rules: [AllowRule]
  /// The owner of each address, for rules that name containers.
  var directory = OriginDirectory()

  init(_ rules: [AllowRule]) { self.rules = Array(rules.prefix(Int(UInt16.max))) }

  /// The position of the first rule that allows the packet. An expired rule allows nothing.
  func firstMatch(_ seen: borrowing Sighting) -> Int? {
    for index in rules.indices where !isExpired(index, at: seen.moment) && matches(index, seen) {
      return index
    }
    return nil
  }

  /// The expired rules that would have allowed the packet, for the summary.
  func expiredMatches(_ seen: borrowing Sighting) -> [Int] {
    var expired: [Int] = []
    for index in rules.indices where isExpired(index, at: seen.moment) && matches(index, seen) {
      expired.append(index)
    }
    return expired
  }

  var isEmpty: Bool { rules.isEmpty }

  func isExpired(_ index: Int, at time: Timestamp) -> Bool {
    guard let expires = rules[index].expires else { return false }
    return time >= expires.moment
  }

  private func matches(_ index: Int, _ seen: borrowing Sighting) -> Bool {
    let rule = rules[index]
    return belonging(rule, seen).isOwn && filterMatches(rule, seen) && namesMatch(rule, seen)
  }

  /// Whether one of the rule's containers sent the packet; a rule that names none applies to every sender.
  func belonging(_ rule: AllowRule, _ seen: borrowing Sighting) -> OriginDirectory.Belonging {
    if rule.containers.isEmpty { return .own }
    // Behind NAT the frame's MAC address is the host's.
    let mac = seen.role == .nic ? nil : seen.link?.source
    return directory.belonging(rule.containers, seen.packet.source, mac)
  }

  func filterMatches(_ rule: AllowRule, _ seen: borrowing Sighting) -> Bool {
    rule.filterMatches(seen.packet.packetBytes(seen.frame), originalLength: Int(seen.packet.packetLength))
  }

  /// A rule must cover every question: an allowed name must not carry another one past the audit.
  func namesMatch(_ rule: AllowRule, _ seen: borrowing Sighting) -> Bool {
    guard !rule.queryNames.isEmpty else { return true }
    guard let questions = DNSQuestions(seen.packet, seen.frame), !questions.isIncomplete, !questions.list.isEmpty else {
      return false
    }
    return questions.list.allSatisfy { Self.covers(rule, $0.name) }
  }

  static func covers(_ rule: AllowRule, _ name: String) -> Bool {
    rule.queryNames.contains { NamePattern.covers($0, name) }
  }
}
