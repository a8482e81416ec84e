import Policy
import Wire

/// The user's exceptions, asked in order of a packet that is neither tunnel nor an inner packet in clear.
struct AllowRules: Sendable {
  private let rules: [AllowRule]
  /// Whose address is whose, for rules that name containers.
  var directory = OriginDirectory()

  init(_ rules: [AllowRule]) { self.rules = Array(rules.prefix(Int(UInt16.max))) }

  /// The position of the first rule that allows the packet. An expired rule allows nothing.
  func firstMatch(_ seen: borrowing Sighting) -> Int? {
    for index in rules.indices where !isExpired(index, at: seen.moment) && matches(index, seen) {
      return index
    }
    return nil
  }

  /// Expired rules that would have allowed the packet: the summary says so.
  func expiredMatches(_ seen: borrowing Sighting) -> [Int] {
    var expired: [Int] = []
    for index in rules.indices where isExpired(index, at: seen.moment) && matches(index, seen) {
      expired.append(index)
    }
    return expired
  }

  var isEmpty: Bool { rules.isEmpty }

  private func isExpired(_ index: Int, at time: Timestamp) -> Bool {
    guard let expires = rules[index].expires else { return false }
    return time >= expires.moment
  }

  private func matches(_ index: Int, _ seen: borrowing Sighting) -> Bool {
    let rule = rules[index]
    if !rule.containers.isEmpty {
      // Behind NAT the frame's MAC address is the host's.
      let mac = seen.role == .nic ? nil : seen.link?.source
      guard directory.sends(rule.containers, seen.packet.source, mac) == true else { return false }
    }
    guard rule.filterMatches(seen.packet.packetBytes(seen.frame), originalLength: Int(seen.packet.packetLength)) else {
      return false
    }
    guard !rule.queryNames.isEmpty else { return true }
    // Every question must be covered: one allowed name must not carry another past the audit.
    guard let questions = DNSQuestions(seen.packet, seen.frame), !questions.isIncomplete, !questions.list.isEmpty else {
      return false
    }
    return questions.list.allSatisfy { question in
      rule.queryNames.contains { NamePattern.covers($0, question.name) }
    }
  }
}
