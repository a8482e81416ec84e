import Audit
import Policy
import TestSupport
import Wire

/// Checks what reasons claim the slow way: against what the generator built, never against bytes.
struct StatedReasons {
  let packet: DescribedPacket
  let policy: TunnelPolicy
  /// `udp 198.51.100.7:53 -> 203.0.113.5:443` of what went out before.
  let sent: Set<String>

  /// The first false claim; nil if all are true.
  func contradiction(_ reason: String, of question: String) -> String? {
    for check in [meanings, prefixes, absences, endpoints, payload, flows] {
      if let words = check(reason) { return words }
    }
    return ports(reason, question.hasPrefix("Does it come from") ? packet.ports.source : packet.ports.destination)
  }

  private static let blocks: [(String, [String])] = [
    ("private space", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]),
    ("link-local", ["169.254.0.0/16", "fe80::/10"]), ("a loopback address", ["127.0.0.0/8", "::1/128"]),
    ("the unspecified address", ["0.0.0.0/32", "::/128"]), ("the broadcast address", ["255.255.255.255/32"]),
    ("a provider's shared space", ["100.64.0.0/10"]),
    (
      "a group on the premises",
      ["224.0.0.0/24", "239.0.0.0/8"] + [1, 2, 3, 4, 5, 8].flatMap { ["ff0\($0)::/16", "ff1\($0)::/16"] }
    ),
    ("a group", ["224.0.0.0/4", "ff00::/8"]),
  ]

  private static func lies(_ address: IPAddress, _ blocks: [String]) -> Bool {
    blocks.map(prefix).contains { $0.contains(address) }
  }

  private static func meaning(_ address: IPAddress) -> String {
    blocks.first { lies(address, $0.1) }?.0 ?? "public"
  }

  /// `8.8.8.8 is public`.
  private func meanings(_ reason: String) -> String? {
    for match in reason.matches(
      of:
        /([0-9a-f.:]+) is (public|private space|link-local|a loopback address|the unspecified address|the broadcast address|a provider's shared space|a group on the premises|a group)\b/
    ) {
      guard let address = IPAddress(String(match.1)) else { continue }
      if Self.meaning(address) != match.2 { return "\(address) is \(Self.meaning(address))" }
    }
    return nil
  }

  /// `8.8.8.8 is in 8.0.0.0/8 (…)`, `is not in`, `in none of`, `nothing declares it private`.
  private func prefixes(_ reason: String) -> String? {
    let all = policy.local + policy.audited
    if let match = reason.firstMatch(of: /^([0-9a-f.:]+) is in ([0-9a-f.:]+\/[0-9]+)/) {
      let (address, range) = (address(String(match.1)), prefix(String(match.2)))
      if !range.contains(address) { return "\(address) is not in \(range)" }
      if !all.contains(where: { $0.value == range }) { return "\(range) is not stated" }
    }
    if ["not in ", "in none of "].contains(where: reason.contains), !reason.contains("does not make it local") {
      guard let start = reason.firstMatch(of: /^[0-9a-f.:]+/), let address = IPAddress(String(start.0)) else {
        return nil
      }
      for match in reason.matches(of: /[0-9a-f.:]+\/[0-9]+/) where prefix(String(match.0)).contains(address) {
        return "\(address) is in \(match.0)"
      }
    }
    if reason.contains("nothing declares it private"), let match = reason.firstMatch(of: /^[0-9a-f.:]+/),
      let address = IPAddress(String(match.0))
    {
      if all.contains(where: { $0.value.contains(address) }) { return "\(address) is declared" }
      if policy.tunnelAddresses.contains(where: { $0.value == address }) { return "\(address) is a tunnel address" }
    }
    if reason.contains("nothing declares it local"), !policy.local.isEmpty { return "local is declared" }
    return nil
  }

  /// `8.8.8.8 is not the tunnel address 10.66.5.6 (…)`, `the policy states no tunnel resolver`.
  private func absences(_ reason: String) -> String? {
    let lists = [
      (["the tunnel address", "no tunnel address"], policy.tunnelAddresses),
      (["the tunnel resolver", "no tunnel resolver"], policy.tunnelResolvers),
      (["under `resolvers`", "no `resolvers`"], policy.resolvers),
    ]
    for (words, list) in lists where words.contains(where: reason.contains) {
      if reason.hasPrefix("the policy"), !list.isEmpty { return "the policy states some" }
      guard !reason.hasPrefix("the policy"), let match = reason.firstMatch(of: /^([0-9a-f.:]+) is (not|none)/) else {
        continue
      }
      if list.contains(where: { "\($0.value)" == match.1 }) { return "\(match.1) is stated" }
      for stated in list.prefix(3) where !reason.contains("\(stated.value) (test)") {
        return "\(stated.value) is missing"
      }
    }
    return nil
  }

  private func endpoints(_ reason: String) -> String? {
    if reason.hasPrefix("no Endpoint is known"), !policy.endpoints.isEmpty { return "an Endpoint is stated" }
    guard let match = reason.firstMatch(of: /^([0-9a-f.:]+) is (not the address of the|the address of no) Endpoint/)
    else {
      return nil
    }
    return policy.endpoints.contains { "\($0.value.endpoint.address)" == match.1 } ? "\(match.1) is an Endpoint's" : nil
  }

  /// `udp port 53 is not the Endpoint's udp port 51820 (…): other port`, `udp port 123 is neither 53 nor 853`.
  private func ports(_ reason: String, _ port: UInt16) -> String? {
    if let match = reason.firstMatch(of: /(?:is not the Endpoint's|none of the Endpoints') (.*)/) {
      let others = match.1.matches(of: /udp port ([0-9]+)/).compactMap { UInt16($0.1) }
      if packet.hasPorts, packet.number == .udp, others.contains(port) { return "it is port \(port)" }
      if reason.contains(": other protocol"), packet.number == .udp { return "it is UDP" }
      if reason.hasSuffix(" port"), packet.hasPorts, others.contains(port) { return "it is the port" }
    }
    if reason.contains("neither 53 nor 853"), [53, 853].contains(packet.ports.destination) { return "it is DNS" }
    if reason.contains("is DNS's"), packet.ports.destination != 53 { return "it is no DNS" }
    return nil
  }

  private func payload(_ reason: String) -> String? {
    guard let match = reason.firstMatch(of: /([0-9]+) bytes of UDP payload(?: that begin ([0-9a-f]+))?/) else {
      return nil
    }
    if match.1 != "\(packet.statedLength)" { return "it has \(packet.statedLength)" }
    if reason.contains("shortest message"), packet.statedLength >= 32 { return "it is long enough" }
    guard let begin = match.2 else { return nil }
    let bytes = packet.payload.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    if bytes != begin { return "it begins \(packet.payload.prefix(4))" }
    if let needed = reason.firstMatch(of: /which has ([0-9]+)/), needed.1 == "\(packet.statedLength)" {
      return "it fits"
    }
    return nil
  }

  private func flows(_ reason: String) -> String? {
    guard let match = reason.firstMatch(of: /^([^,]+ -> [^, ]+) was (not )?seen going out$/) else { return nil }
    let wasSent = sent.contains(String(match.1))
    return wasSent == (match.2 == nil) ? nil : "\(match.1) was \(wasSent ? "" : "not ")sent"
  }
}
