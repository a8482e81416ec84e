import Policy
import Wire

/// The verdict told as the contract tells it (semantics 1 and 2). The questions are asked of the same functions that
/// decide; a test holds that the last answer is the verdict, for every capture and for random packets.
extension Classifier {
  mutating func explain(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, role: InterfaceRole?, _ policy: TunnelPolicy
  ) -> [Explanation.Step] {
    var steps = Steps()
    guard packet.network == .ip else {
      let direction = knownDirection(packet, frame, role)
      if steps.ask("1", "Is the frame ingress by its interface's role?", direction == .ingress, Self.recorded(role)) {
        return steps.list
      }
      steps.ask(
        "1", "Is it a protocol of the link itself, which no router passes on?", packet.network == .linkLayer,
        packet.error.map { "decoding stopped: \($0)" } ?? "")
      return steps.list
    }
    let source = addresses.find(packet.source)
    let destination = addresses.find(packet.destination)
    if packet.fragment == .later {
      let first = fragments.find(packet, at: frame.timestamp)
      if steps.ask(
        "2", "Is it a later fragment whose first was seen?", first != nil, "it takes the verdict of its first")
      {
        return steps.list
      }
    }
    guard explainDirection(packet, frame, role, source, destination, policy, &steps) else { return steps.list }
    if packet.fragment == .later {
      explainOrphan(packet, source, destination, policy, &steps)
    } else if let destination, destination.meaning.contains(.endpoint) {
      explainEndpoint(packet, frame, destination, policy, &steps)
    } else {
      steps.ask("2.2", "Is the destination an Endpoint's address?", false, "")
      explainElsewhere(packet, frame, source, destination, policy, &steps)
    }
    return steps.list
  }

  struct Steps {
    var list: [Explanation.Step] = []

    @discardableResult
    mutating func ask(_ section: String, _ question: String, _ answer: Bool, _ because: String) -> Bool {
      list.append(.init(section: section, question: question, answer: answer, because: because))
      return answer
    }
  }

  static func recorded(_ role: InterfaceRole?) -> String {
    role.map { "the interface is the \($0.rawValue)" }
      ?? "the interface has no role: its records' direction proves nothing"
  }

  // MARK: - Section 1

  /// Whether the packet is egress.
  private mutating func explainDirection(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ role: InterfaceRole?,
    _ source: SpecialAddresses.Entry?, _ destination: SpecialAddresses.Entry?, _ policy: TunnelPolicy,
    _ steps: inout Steps
  ) -> Bool {
    let isEgress = isEgress(
      packet, frame, role, sourceIsPrivate: isPrivate(packet.source, source),
      sourceIsEndpoint: source?.meaning.contains(.endpoint) == true, destination: destination)
    let audited = policy.audited.first { $0.value.contains(packet.source) }
    if hasAudited {
      let because = audited.map { "\($0.value) (\($0.origin))" } ?? policy.auditedMACs.first?.origin ?? ""
      let decides = audited != nil || !isEgress
      if steps.ask("1.1", "Does the audited side, which the policy names, decide the direction?", decides, because) {
        return verdict(isEgress, "1.1", &steps)
      }
    }
    let known = knownDirection(packet, frame, role)
    if steps.ask(
      "1.2", "Does the interface's role and the record's direction decide it?", known != nil, Self.recorded(role))
    {
      return verdict(isEgress, "1.2", &steps)
    }
    if steps.ask(
      "1.3", "Is the source an Endpoint?", source?.meaning.contains(.endpoint) == true,
      origin(of: packet.source, policy) ?? "")
    {
      return verdict(isEgress, "1.3", &steps)
    }
    let sourceIsPrivate = isPrivate(packet.source, source)
    if steps.ask("1.3", "Is the source private?", sourceIsPrivate, scope(packet.source, policy)) {
      return verdict(isEgress, "1.3", &steps)
    }
    let isGroup = AddressScope(packet.destination).isGroup
    if steps.ask("1.3", "Is the destination a group or everybody?", isGroup, scope(packet.destination, policy)) {
      return verdict(isEgress, "1.3", &steps)
    }
    if steps.ask(
      "1.3", "Is the destination private?", isPrivate(packet.destination, destination),
      scope(packet.destination, policy))
    {
      return verdict(isEgress, "1.3", &steps)
    }
    steps.ask("1.4", "Does it answer a flow that was seen going out?", !isEgress, "public to public")
    return verdict(isEgress, "1.4", &steps)
  }

  private func verdict(_ isEgress: Bool, _ section: String, _ steps: inout Steps) -> Bool {
    steps.ask(section, "Is it egress?", isEgress, "")
  }

  // MARK: - Section 2

  private func explainEndpoint(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ entry: SpecialAddresses.Entry, _ policy: TunnelPolicy,
    _ steps: inout Steps
  ) {
    steps.ask("2.2", "Is the destination an Endpoint's address?", true, origin(of: packet.destination, policy) ?? "")
    let decision = classifyEgress(packet, frame, source: nil, destination: entry)
    if decision.verdict == .leak(.undecodable) {
      _ = steps.ask(
        "2.1", "Is all there that the decision needs?", false, packet.error.map { "\($0)" } ?? "too little was captured"
      )
      return
    }
    let isTunnelPort = decision.endpoint >= 0
    let stated = isTunnelPort ? policy.endpoints[Int(decision.endpoint)] : nil
    guard
      steps.ask(
        "2.2", "Is it UDP to the Endpoint's port?", isTunnelPort,
        stated.map { "\($0.value.endpoint) (\($0.origin))" } ?? "TunnelCrack's ServerIP case otherwise")
    else { return }
    let isTunnel = if case .tunnel = decision.verdict { true } else { false }
    steps.ask(
      "2.2", "Has it WireGuard's shape?", isTunnel,
      stated?.value.shape == .any
        ? "the policy asks for no check"
        : "\(packet.payloadLength) bytes of UDP payload; first byte 1 to 4, three zero bytes")
  }

  private func explainElsewhere(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ source: SpecialAddresses.Entry?,
    _ destination: SpecialAddresses.Entry?, _ policy: TunnelPolicy, _ steps: inout Steps
  ) {
    let decided = classifyEgress(packet, frame, source: source, destination: destination).verdict
    if steps.ask(
      "2.3", "Is it sent by a WireGuard server of the audited side?", decided == .tunnel(.served),
      policy.servedPorts.first.map { "ListenPort \($0.value) (\($0.origin))" } ?? "none is stated")
    {
      return
    }
    if steps.ask(
      "2.4", "Is the source a tunnel address?", source?.meaning.contains(.tunnelAddress) == true,
      policy.tunnelAddresses.first { $0.value == packet.source }.map { "\($0.value) (\($0.origin))" } ?? "")
    {
      return
    }
    let rule = allowRules.firstMatch(packet, frame)
    if steps.ask(
      "2.5", "Does an allow rule match?", rule != nil,
      rule.map { "\(policy.allowRules[$0].id): \(policy.allowRules[$0].reason) (\(policy.allowRules[$0].origin))" }
        ?? "\(policy.allowRules.count) in the policy")
    {
      return
    }
    if steps.ask("2.6", "Is the destination a loopback address?", decided == .local(.loopback), "") { return }
    if decided == .leak(.undecodable) {
      _ = steps.ask("2.1", "Is all there that the decision needs?", false, packet.error.map { "\($0)" } ?? "")
      return
    }
    let resolver = policy.resolvers.first { $0.value == packet.destination }
    let hasPorts = packet.hasPorts && !packet.isICMP
    let isDNS = hasPorts && (packet.destinationPort == 53 || packet.destinationPort == 853)
    if steps.ask("2.6", "Is it DNS, in clear or encrypted?", isDNS, hasPorts ? "port \(packet.destinationPort)" : "") {
      steps.ask(
        "2.6", "Is the resolver one that may be asked outside of the tunnel?", resolver != nil,
        resolver.map { "\($0.value) (\($0.origin))" } ?? "a private resolver passes the question on, too")
      return
    }
    if steps.ask(
      "2.7", "Is the destination a tunnel resolver?", destination?.meaning.contains(.tunnelResolver) == true,
      policy.tunnelResolvers.first { $0.value == packet.destination }.map { "\($0.value) (\($0.origin))" } ?? "")
    {
      return
    }
    explainLocal(packet, policy, &steps)
  }

  private func explainOrphan(
    _ packet: DecodedPacket, _ source: SpecialAddresses.Entry?, _ destination: SpecialAddresses.Entry?,
    _ policy: TunnelPolicy, _ steps: inout Steps
  ) {
    if steps.ask("2.4", "Is the source a tunnel address?", source?.meaning.contains(.tunnelAddress) == true, "") {
      return
    }
    if steps.ask(
      "2.7", "Is the destination a tunnel resolver?", destination?.meaning.contains(.tunnelResolver) == true, "")
    {
      return
    }
    if steps.ask(
      "2.2", "Is the destination an Endpoint's address?", destination?.meaning.contains(.endpoint) == true, "")
    {
      return
    }
    explainLocal(packet, policy, &steps)
  }

  private func explainLocal(_ packet: DecodedPacket, _ policy: TunnelPolicy, _ steps: inout Steps) {
    let kind = localKind(packet)
    guard steps.ask("2.8", "Does no router carry it off the premises?", kind != nil, scope(packet.destination, policy))
    else {
      return
    }
    guard kind == .undeclared else { return }
    steps.ask(
      "2.8", "Is private space that nothing declares a leak?", strictLocal, strictLocal ? "--strict-local" : "")
  }

  // MARK: - Words

  private func origin(of address: IPAddress, _ policy: TunnelPolicy) -> String? {
    policy.endpoints.first { $0.value.endpoint.address == address }.map { "\($0.value.endpoint) (\($0.origin))" }
  }

  private func scope(_ address: IPAddress, _ policy: TunnelPolicy) -> String {
    if let stated = policy.tunnelAddresses.first(where: { $0.value == address }) {
      return "\(address) is a tunnel address (\(stated.origin))"
    }
    if let stated = (policy.local + policy.audited).first(where: { $0.value.contains(address) }) {
      return "\(address) is in \(stated.value) (\(stated.origin))"
    }
    let meaning =
      switch AddressScope(address) {
      case .public: "public"
      case .private: "private space"
      case .linkLocal: "link-local"
      case .loopback: "a loopback address"
      case .unspecified: "the unspecified address"
      case .broadcast: "the broadcast address"
      case .localMulticast: "a group on the premises"
      case .multicast: "a group that routers forward"
      }
    return "\(address) is \(meaning)"
  }
}
