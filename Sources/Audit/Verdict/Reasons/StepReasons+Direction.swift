import Policy
import Wire

/// Reasons for the direction (CONTRACT 1).
extension StepReasons {
  func inside(_ answer: Bool) -> String {
    guard answer else { return "an Endpoint's packet was seen on \(interface): it leads outside" }
    let inner = policy.tunnelAddresses.first { $0.value == packet.source || $0.value == packet.destination }
    return "\(inner.map { "\($0.value) is a tunnel address (\($0.origin)), and " } ?? "")"
      + "no Endpoint's packet was seen on \(interface)"
  }

  func record(_ answer: Bool) -> String {
    guard let role else { return "the interface has no role, and without a role a record's direction proves nothing" }
    let place = role == .nic ? "the NIC" : "the bridge"
    guard answer else { return "\(interface) is \(place), and the record has no direction" }
    return "the record is \(recorded == .incoming ? "incoming" : "outgoing"), on \(place)"
  }

  func statedStation(_ station: MACAddress?) -> String {
    guard let station else { return "" }
    if let stated = policy.auditedMACs.first(where: { $0.value == station }) { return "\(station) (\(stated.origin))" }
    if let stated = policy.containers.first(where: { $0.value.macAddresses.contains(station) }) {
      return "\(station) is of \(WordedList.quoted(stated.value.names)) (\(stated.origin))"
    }
    let all =
      policy.auditedMACs
      + policy.containers.flatMap { stated in stated.value.macAddresses.map { Stated($0, origin: stated.origin) } }
    return WordedList.absence(of: "\(station)", in: all, "MAC address", "MAC addresses")
  }

  func recognisedSource(_ answer: Bool) -> String {
    guard let station = link?.source else { return "" }
    if answer { return "\(station) counts as the audited side's, by what it has sent" }
    if known.isNextHop { return "audited stations send through \(station): it is their next hop" }
    if known.hasStatedStation {
      return "\(station) is not stated, and on \(interface) only the policy's statements count"
    }
    return "\(station) does not count as the audited side's so far"
  }

  func recognisedDestination(_ answer: Bool) -> String {
    guard let station = link?.destination else { return "the frame names no single destination on the link" }
    if answer { return "\(station) counts as the audited side's, by what it has sent" }
    if known.leaves { return "what \(packet.source) sends to the public \(packet.destination) goes out, not in" }
    return "\(station) does not count as the audited side's so far"
  }

  func audited(_ address: IPAddress) -> String {
    if let stated = policy.audited.first(where: { $0.value.contains(address) }) {
      return "\(address) is in \(stated.value) (\(stated.origin))"
    }
    let list = policy.audited
    if list.isEmpty { return "the policy states no audited prefix" }
    return "\(address) is \(list.count == 1 ? "not in" : "in none of") \(WordedList.text(list))"
  }

  func notAudited(_ answer: Bool) -> String {
    let station = link.map { "\($0.source)" } ?? "a sender without a MAC address"
    return answer
      ? "\(packet.source) is in no audited prefix, and \(station) is neither stated nor seen to send from one"
      : "\(station) is stated, or was seen to send from an audited prefix"
  }

  func endpointSource(_ answer: Bool) -> String {
    if answer {
      let from = policy.endpoints.first {
        $0.value.endpoint == Endpoint(address: packet.source, port: packet.sourcePort)
          && $0.value.transport == TunnelEndpoint.Transport(packet.protocolNumber)
      }
      return from.map { "\($0.value.name) (\($0.origin))" } ?? "\(packet.source)"
    }
    let isThere = policy.endpoints.contains { $0.value.endpoint.address == packet.source }
    return isThere ? otherPort(packet.source, packet.sourcePort) : noEndpoint(packet.source)
  }

  func answersFlow(_ answer: Bool) -> String {
    if packet.isICMP, packet.transport == .header, ICMPType.isError(packet.flagsOrType, packet.protocolNumber) {
      return answersByQuoting(answer)
    }
    guard FlowKey(packet) != nil else { return "nothing in it shows which flow it could belong to" }
    var question = packet
    (question.source, question.destination) = (packet.destination, packet.source)
    (question.sourcePort, question.destinationPort) = (packet.destinationPort, packet.sourcePort)
    return "\(question.passage) was \(seen(answer))"
  }

  private func answersByQuoting(_ answer: Bool) -> String {
    guard let quoted = payload.quoted else { return "it is an ICMP error that quotes no packet that can be read" }
    let words = "it quotes \(quoted.passage)"
    if quoted.source != packet.destination { return "\(words), which is not from \(packet.destination)" }
    guard FlowKey(quoted) != nil else { return "\(words), but not enough of it to know its flow" }
    return "\(words), which was \(seen(answer))"
  }

  private func seen(_ answer: Bool) -> String {
    if answer { return "seen going out" }
    return known.forgets.flows ? "not seen going out, or was forgotten" : "not seen going out"
  }
}
