import Policy
import Wire

/// Reasons that depend on the kind of an address.
extension StepReasons {
  /// The kind of the destination: `8.8.8.8 is public`.
  var meaning: String { "\(packet.destination) is \(Self.meaning(packet.destination))" }

  private static func meaning(_ address: IPAddress) -> String {
    switch AddressScope(address) {
    case .public:
      // RFC 6598: many take it for private, but it is not.
      address.isIPv4 && address.low >> 22 == 0x191 ? "a provider's shared space, which counts as public" : "public"
    case .private: "private space"
    case .linkLocal: "link-local"
    case .loopback: "a loopback address"
    case .unspecified: "the unspecified address"
    case .broadcast: "the broadcast address"
    case .localMulticast: "a group on the premises"
    case .multicast: "a group that routers forward"
    }
  }

  /// Whether an address is on the premises, for direction.
  func premises(_ address: IPAddress) -> String {
    if let stated = policy.tunnelAddresses.first(where: { $0.value == address }) {
      return "\(address) is a tunnel address (\(stated.origin))"
    }
    if let stated = declaration(address, policy.local + policy.audited) { return stated }
    let meaning = "\(address) is \(Self.meaning(address))"
    return AddressScope(address).isPrivate ? meaning : "\(meaning), and nothing declares it private"
  }

  private func declaration(_ address: IPAddress, _ prefixes: [Stated<IPPrefix>]) -> String? {
    prefixes.first { $0.value.contains(address) }.map { "\(address) is in \($0.value) (\($0.origin))" }
  }

  func local(_ answer: Bool) -> String {
    let address = packet.destination
    let scope = AddressScope(address)
    if answer {
      // The audited side's own prefixes only declare private space.
      let declared = scope == .private ? policy.local + policy.audited : policy.local
      let isByValue = scope != .private && scope != .public && scope != .multicast
      return isByValue ? meaning : declaration(address, declared) ?? meaning
    }
    if scope == .unspecified { return "\(meaning), and it is not known where that leads" }
    if let audited = policy.audited.first(where: { $0.value.contains(address) }) {
      return "\(meaning), and that it is in the audited \(audited.value) (\(audited.origin)) does not make it local"
    }
    if policy.local.isEmpty { return "\(meaning), and nothing declares it local" }
    return "\(meaning), and \(policy.local.count == 1 ? "not in" : "in none of") \(WordedList.text(policy.local))"
  }

  func undeclared(_ answer: Bool) -> String {
    let list = policy.local + policy.audited
    let words =
      list.isEmpty
      ? "nothing declares \(packet.destination)"
      : "\(packet.destination) is \(list.count == 1 ? "not in" : "in none of") \(WordedList.text(list))"
    return "\(words), and strict-local is \(answer ? "" : "not ")asked for"
  }

  func sourceRoute(_ answer: Bool) -> String {
    guard let route = payload.route else { return "its source route cannot be read in full" }
    let words = WordedList.text(route.map { "\($0)" })
    if answer, decision.hop >= 0, Int(decision.hop) < route.count {
      return "it goes through \(words), and to \(route[Int(decision.hop)]) it would be a leak"
    }
    return route.isEmpty
      ? "it names no other destination" : "it goes through \(words), to none of which it would be a leak"
  }
}
