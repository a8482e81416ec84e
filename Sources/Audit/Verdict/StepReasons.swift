import Policy
import Wire

/// What answered a step, in words: a statement of the policy with its place, or what the packet holds.
struct StepReasons {
  let packet: DecodedPacket
  let role: InterfaceRole?
  let link: LinkAddresses?
  let policy: TunnelPolicy

  func text(_ step: Step, _ answer: Bool) -> String {
    switch step {
    case .tunnelInside:
      answer ? "no Endpoint's packet was seen there" : "an Endpoint's packet was seen there: it leads outside"
    case .recordedDirection:
      role.map { "the interface is the \($0.rawValue)" }
        ?? "the interface has no role: its records' direction proves nothing"
    case .statedSource, .takenSource: link.map { "\($0.source)" } ?? ""
    case .statedDestination, .takenDestination: link?.destination.map { "\($0)" } ?? ""
    case .auditedSource:
      policy.audited.first { $0.value.contains(packet.source) }.map(Self.text) ?? "\(packet.source)"
    case .auditedDestination:
      policy.audited.first { $0.value.contains(packet.destination) }.map(Self.text) ?? "\(packet.destination)"
    case .notAudited: answer ? "neither its address nor its MAC address is of the audited side" : ""
    case .endpointSource: answer ? endpoint(of: packet.source) : ""
    case .privateSource: scope(packet.source)
    case .groupDestination, .privateDestination, .local: scope(packet.destination)
    case .answersFlow: "public to public"
    case .linkProtocol, .neededBytes: packet.error.map { "decoding stopped: \($0)" } ?? "too little was captured"
    case .laterFragment: answer ? "it takes the verdict of its first" : ""
    case .endpointAddress: answer ? endpoint(of: packet.destination) : ""
    case .endpointPort:
      answer ? endpoint(of: packet.destination, port: packet.destinationPort) : "\(packet.protocolNumber)"
    case .endpointShape: shape
    case .endpointSender: answer ? "" : "\(packet.source), or its MAC address, is not the gateway's"
    case .junk: junk(answer)
    case .demandedPeer: answer ? "" : "its mac1, or its session, is of no handshake with the configured key"
    case .tunnelAddress:
      policy.tunnelAddresses.first { $0.value == packet.source }.map(Self.text) ?? ""
    case .servedPort:
      policy.servedPorts.first { $0.value == packet.sourcePort }.map { "ListenPort \($0.value) (\($0.origin))" } ?? ""
    case .servedByGateway: answer ? "" : "\(packet.source), or its MAC address, is not the gateway's"
    case .servedSession: answer ? "" : "no handshake that was seen, and no message of this peer before"
    case .allowRule: "\(policy.allowRules.count) in the policy"
    case .resolution: packet.hasPorts && !packet.isICMP ? "port \(packet.destinationPort)" : ""
    case .resolver:
      policy.resolvers.first { $0.value == packet.destination }.map(Self.text)
        ?? "\(packet.destination) is not listed under `resolvers`"
    case .tunnelResolver:
      policy.tunnelResolvers.first { $0.value == packet.destination }.map(Self.text) ?? ""
    case .undeclared: policy.strictLocal ? "--strict-local" : ""
    case .candidate: "\(packet.payloadLength) bytes in WireGuard's shape, and no policy says where the tunnel goes"
    case .contestedCandidate, .permittedFlow, .loopback, .sourceRoute, .control: ""
    }
  }

  /// Says after the last question of direction what it comes to.
  func addDirection(_ list: inout [Explanation.Step], _ asked: [(step: Step, answer: Bool)], _ verdict: Verdict) {
    guard let last = asked.lastIndex(where: { $0.step.section.hasPrefix("1.") }) else { return }
    list.insert(
      .init(
        section: asked[last].step.section, question: "Is it egress?", answer: verdict != .ingress, because: ""),
      at: last + 1)
  }

  private static func text<Value>(_ stated: Stated<Value>) -> String { "\(stated.value) (\(stated.origin))" }

  private func endpoint(of address: IPAddress, port: UInt16? = nil) -> String {
    policy.endpoints.first {
      $0.value.endpoint.address == address
        && (port == nil
          || $0.value.endpoint.port == port && $0.value.transport == TunnelEndpoint.Transport(packet.protocolNumber))
    }.map { "\($0.value.name) (\($0.origin))" } ?? ""
  }

  private var shape: String {
    let stated = policy.endpoints.first {
      $0.value.endpoint == Endpoint(address: packet.destination, port: packet.destinationPort)
        && $0.value.transport == TunnelEndpoint.Transport(packet.protocolNumber)
    }
    let length = "\(packet.payloadLength) bytes of UDP payload"
    return switch stated?.value.shape {
    case .any: "the policy asks for no check"
    case .openVPN: "of OpenVPN nothing is checked but address, port and protocol"
    case .amneziaWG: "\(length); AmneziaWG's header behind its padding, and the length of both"
    case .lwo: "\(length); the header under the peer's public key, as Mullvad's LWO has it"
    case .anyReserved: "\(length); first byte 1 to 4"
    case .wireGuard, nil: "\(length); first byte 1 to 4, three zero bytes"
    }
  }

  private func junk(_ answer: Bool) -> String {
    let stated = policy.endpoints.first {
      $0.value.endpoint == Endpoint(address: packet.destination, port: packet.destinationPort)
    }
    let length = "\(packet.payloadLength) bytes of UDP payload"
    guard answer, let amnezia = stated?.value.amnezia else { return length }
    return "\(length); at most \(amnezia.precursors) such datagrams, and an initiation within "
      + "\(JunkRuns.patience.nanoseconds / 1_000_000_000) s, or they are leaks"
  }

  private func scope(_ address: IPAddress) -> String {
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
