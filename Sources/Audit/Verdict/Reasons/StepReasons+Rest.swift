import Policy
import Wire

/// Reasons for the other steps (CONTRACT 2, steps 1 and 3 to 7).
extension StepReasons {
  var missingBytes: String {
    if let error = packet.error { return "decoding stopped: \(error)" }
    return "of \(packet.payloadLength) bytes of payload \(payload.captured) were captured, too few to tell what it is"
  }

  func linkProtocol(_ answer: Bool) -> String {
    guard answer else { return packet.error.map { "decoding stopped: \($0)" } ?? "it is not a known one" }
    return switch payload.etherType {
    case .arp?: "ARP"
    case .reverseARP?: "RARP"
    case .lldp?: "LLDP"
    case .eapol?: "EAPOL"
    case .pppoeDiscovery?: "PPPoE discovery"
    case .slowProtocols?: "a slow protocol of IEEE 802.3"
    case .loopbackTest?: "a loopback test"
    default: "no IP header follows what the link carries"
    }
  }

  func laterFragment(_ answer: Bool) -> String {
    let datagram = "of the datagram \(packet.identification) from \(packet.source)"
    if answer { return "the first \(datagram) was seen, and this one gets its verdict" }
    let span = FragmentTable.lifetime.nanoseconds / 1_000_000_000
    return
      "the first \(datagram) was not seen in the last \(span) s\(known.forgets.fragments ? ", or was forgotten" : "")"
  }

  var tunnelAddress: String {
    if let stated = policy.tunnelAddresses.first(where: { $0.value == packet.source }) { return Self.place(stated) }
    return WordedList.absence(
      of: "\(packet.source)", in: policy.tunnelAddresses, "tunnel address", "tunnel addresses")
  }

  func servedPort(_ answer: Bool) -> String {
    let port = policy.servedPorts.first { $0.value == packet.sourcePort }
    return "\(port.map { "ListenPort \($0.value) (\($0.origin)); " } ?? "")\(shape(answer, anyReserved: false))"
  }

  /// Whether the gateway sent the packet, as far as its addresses show.
  func sender(_ answer: Bool) -> String {
    let names = WordedList.quoted(known.gateway)
    if answer {
      if role == .nic { return "behind NAT nothing shows who sent it" }
      return known.isGateways == nil
        ? "nothing shows that another one sent it" : "\(packet.source) is of \(names)"
    }
    if !known.owners.isEmpty, !known.owners.allSatisfy(known.gateway.contains) {
      return "\(packet.source) is of \(WordedList.quoted(known.owners)), not of the gateway \(names)"
    }
    return "\(packet.source), or its MAC address, is not the gateway's"
  }

  func servedSession(_ answer: Bool) -> String {
    let peer = Endpoint(address: packet.destination, port: packet.destinationPort)
    return answer
      ? "it fits what \(peer) has sent to port \(packet.sourcePort)"
      : "it fits no handshake that was seen with \(peer) through port \(packet.sourcePort), and to none that may be older"
  }

  func allowRule(_ answer: Bool) -> String {
    if answer, case .allowed(.rule(let position)) = decision.verdict {
      let rule = policy.allowRules[Int(position)]
      return "\(WordedList.quoted(rule.id)) (\(rule.origin))"
    }
    switch policy.allowRules.count {
    case 0: return "the policy has none"
    case 1: return "the policy has one, which does not match"
    case let count: return "none of the policy's \(count)"
    }
  }

  /// A note for a leak for which the policy's exceptions were not asked.
  func unaskedRules(_ asked: [(step: Step, answer: Bool)]) -> String? {
    guard case .leak = decision.verdict, packet.network == .ip, !policy.allowRules.isEmpty,
      !asked.contains(where: { $0.step == .allowRule })
    else { return nil }
    let count = policy.allowRules.count
    let subject = count == 1 ? "The policy's allow rule was" : "The policy's \(count) allow rules were"
    return
      "\(subject) not asked: \(packet.fragment == .later ? "a later fragment is decided without them" : "this question comes before them")"
  }

  func permittedFlow(_ answer: Bool) -> String {
    if answer, case .allowed(.rule(let position)) = decision.verdict {
      return "on the bridge \(WordedList.quoted(policy.allowRules[Int(position)].id)) allowed what this continues"
    }
    return "nothing that a rule allowed on the bridge continues in \(packet.passage)"
  }

  func resolution(_ answer: Bool) -> String {
    let words = packet.transportWords(port: packet.destinationPort)
    guard answer else { return "\(words) is neither 53 nor 853" }
    if packet.destinationPort == 53 { return "\(words) is DNS's" }
    return "\(words) is that of DNS over \(packet.protocolNumber == .tcp ? "TLS" : "QUIC")"
  }

  var resolver: String {
    let address = packet.destination
    if let stated = policy.resolvers.first(where: { $0.value == address }) { return Self.place(stated) }
    let absence =
      policy.resolvers.isEmpty
      ? "the policy lists no `resolvers`"
      : "\(address) is not listed under the policy's `resolvers`: \(WordedList.text(policy.resolvers))"
    // Most people ask their router, and think that the question ends there.
    return AddressScope(address) == .private ? "\(absence); a private resolver may still pass the query on" : absence
  }

  var tunnelResolver: String {
    if let stated = policy.tunnelResolvers.first(where: { $0.value == packet.destination }) {
      return Self.place(stated)
    }
    return WordedList.absence(
      of: "\(packet.destination)", in: policy.tunnelResolvers, "tunnel resolver", "tunnel resolvers")
  }

  private static func place<Value>(_ stated: Stated<Value>) -> String { "\(stated.value) (\(stated.origin))" }
}
