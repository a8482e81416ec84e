import Cryptography
import Policy
import Wire

/// Decides the verdict of an egress packet (CONTRACT 2), step by step.
extension Classifier {
  mutating func egress<Steps: StepRecorder>(
    _ seen: borrowing Sighting, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision {
    if candidates.isActive, !seen.packet.hasSourceRoute,
      let decision = candidateDecision(seen, source: source, destination: destination, &steps)
    {
      return decision
    }
    let decision = decide(seen, source: source, destination: destination, &steps)
    return seen.packet.hasSourceRoute ? worst(decision, seen, &steps) : decision
  }

  /// Steps 1 to 9 for one destination.
  mutating func decide<Steps: StepRecorder>(
    _ seen: borrowing Sighting, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision {
    if let destination, destination.meaning.contains(.endpoint) {
      _ = steps.ask(.endpointAddress, true)
      return decideToEndpoint(seen, destination, &steps)
    }
    _ = steps.ask(.endpointAddress, false)
    return decideElsewhere(seen, source: source, destination: destination, &steps)
  }

  private func undecodable<Steps: StepRecorder>(_ steps: inout Steps) -> Decision {
    _ = steps.ask(.neededBytes, false)
    return Decision(.leak(.undecodable), .neededBytes)
  }

  /// Step 2: to an Endpoint's address.
  func decideToEndpoint<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ entry: SpecialAddresses.Entry, _ steps: inout Steps
  ) -> Decision {
    if seen.packet.transport == .unknownProtocol { return undecodable(&steps) }
    if seen.packet.protocolNumber == .udp, !seen.packet.hasPorts { return undecodable(&steps) }
    let port = addresses.portOfDestination(seen.packet, at: entry)
    guard steps.ask(.endpointPort, port != nil), let port else {
      return Decision(.leak(.endpointBypass), .endpointPort)
    }
    guard let shape = tunnelKind(seen, port) else {
      var decision = undecodable(&steps)
      decision.endpoint = port.position
      return decision
    }
    guard steps.ask(.endpointShape, shape != nil), let kind = shape else {
      var decision = Decision(.leak(.notWireGuard), .endpointShape, endpoint: port.position)
      if port.shape == .amneziaWG {
        decision.mayBeJunk = steps.ask(.junk, mayBeJunk(seen.packet, endpoint: Int(port.position)))
        decision.step = .junk
      }
      return decision
    }
    // These kinds have no form to check, so a container beside the gateway would only need to know the server's
    // address.
    if kind == .openVPN || kind == .unchecked, isStray(seen) {
      _ = steps.ask(.endpointSender, false)
      return Decision(.leak(.endpointBypass), .endpointSender, endpoint: port.position)
    }
    if requiresVerifiedPeer {
      let message = message(seen.payload, kind, endpoint: Int(port.position))
      let isVerified = isVerified(kind, message, endpoint: Int(port.position))
      guard steps.ask(.demandedPeer, isVerified) else {
        return Decision(.leak(.notWireGuard), .demandedPeer, endpoint: port.position)
      }
      return Decision(.tunnel(kind), .demandedPeer, endpoint: port.position)
    }
    return Decision(.tunnel(kind), .endpointShape, endpoint: port.position)
  }

  /// Whether a message belongs to the configured peer (CONTRACT 5): a handshake by its mac1, data by its session, an
  /// answer by the peer's initiation that it answers. A handshake that was captured without its mac1 passes, but
  /// verifies no session.
  private func isVerified(_ kind: TunnelKind, _ message: RawSpan, endpoint: Int) -> Bool {
    switch kind {
    // The fields are hidden: a header that fits the key is the only link to the peer.
    case _ where tunnels[endpoint].publicKey != nil: false
    case .initiation: isForPeer(message, kind, endpoint: endpoint) != false
    case .response:
      isForPeer(message, kind, endpoint: endpoint) != false && answersPeer(message, at: 8, endpoint: endpoint)
    case .cookie: answersPeer(message, at: 4, endpoint: endpoint)
    case .data, .keepalive:
      message.byteCount >= 8 && tunnels[endpoint].session.isVerified(receiver: message.uint32(at: 4).byteSwapped)
    // The keys say nothing about a shape that is not checked.
    case .served, .fragment, .unchecked, .openVPN, .junk: true
    }
  }

  private func answersPeer(_ message: RawSpan, at offset: Int, endpoint: Int) -> Bool {
    message.byteCount < offset + 4
      || tunnels[endpoint].session.wasCalled(by: message.uint32(at: offset).byteSwapped)
  }

  /// Nil if the policy gives no public key, or if the message was captured without its mac1.
  func isForPeer(_ message: RawSpan, _ kind: TunnelKind, endpoint: Int) -> Bool? {
    guard let key = tunnels[endpoint].peerKey else { return nil }
    // AmneziaWG computes mac1 over the message with its changed header.
    return key.authenticates(
      message,
      macOffset: kind == .response ? PeerKey.responseMACOffset : PeerKey.initiationMACOffset,
      ignoresReserved: tunnels[endpoint].amneziaMessages == nil)
  }

  /// The message's kind. Inner nil: the payload has another shape. Outer nil: too little was captured to tell.
  func tunnelKind(_ seen: borrowing Sighting, _ shape: TunnelEndpoint.Shape) -> TunnelKind?? {
    if shape == .any { return .some(.unchecked) }
    if shape == .openVPN { return .some(.openVPN) }
    // These shapes are tested with the endpoint's own parameters.
    if shape == .amneziaWG || shape == .lwo { return .some(nil) }
    guard seen.packet.transport == .header else { return nil }
    let length = Int(seen.packet.payloadLength)
    // Too short for any message: the length alone decides.
    guard length >= WireGuardMessage.keepaliveLength else { return .some(nil) }
    let start = Int(seen.packet.payloadOffset)
    guard start + 4 <= Int(seen.packet.packetEnd) else { return nil }
    let word = seen.frame.bytes.uint32(at: start)
    guard let message = WireGuardMessage(firstWord: word, payloadLength: length, anyReserved: shape == .anyReserved)
    else { return .some(nil) }
    return TunnelKind(message, payloadLength: length)
  }

  /// Steps 3 to 9.
  private mutating func decideElsewhere<Steps: StepRecorder>(
    _ seen: borrowing Sighting, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision {
    if steps.ask(.tunnelAddress, source?.meaning.contains(.tunnelAddress) == true) {
      return Decision(.leak(.tunnelAddress), .tunnelAddress)
    }
    if !served.isEmpty, let decision = servedDecision(seen, &steps) { return decision }
    if let decision = allowedDecision(seen, &steps) { return decision }
    return decideByDestination(seen.packet, destination, &steps)
  }

  /// Steps 6 to 9.
  func decideByDestination<Steps: StepRecorder>(
    _ packet: DecodedPacket, _ destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision {
    if let decision = resolutionDecision(packet, destination, &steps) { return decision }
    if steps.ask(.tunnelResolver, destination?.meaning.contains(.tunnelResolver) == true) {
      return Decision(.leak(.tunnelDestination), .tunnelResolver)
    }
    return localDecision(
      packet, otherwise: AddressScope(packet.destination) == .multicast ? .multicast : .unnamed, &steps)
  }

  /// Step 4: sent by a WireGuard server in the gateway's namespace. Nil if a later step decides.
  private mutating func servedDecision<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ steps: inout Steps
  ) -> Decision? {
    if seen.packet.transport == .unknownProtocol { return undecodable(&steps) }
    guard seen.packet.protocolNumber == .udp else { return nil }
    guard seen.packet.hasPorts else { return undecodable(&steps) }
    guard served.serves(seen.packet.sourcePort) else { return nil }
    guard let shape = tunnelKind(seen, .wireGuard) else { return undecodable(&steps) }
    guard steps.ask(.servedPort, shape != nil), let kind = shape else { return nil }
    // Behind NAT neither address nor MAC are the gateway's, so only a session whose beginning was seen counts.
    let mac = seen.role == .nic ? nil : seen.link?.source
    let sender = seen.role == .nic ? nil : gatewaySends(seen.packet.source, mac)
    guard steps.ask(.servedByGateway, sender != false) else { return nil }
    let acceptsOlder = sender == true && !requiresVerifiedPeer
    guard
      steps.ask(
        .servedSession, served.noteOutgoing(kind, seen.packet, seen.payload, from: mac, acceptsOlder: acceptsOlder))
    else { return nil }
    return Decision(.tunnel(.served), .servedSession)
  }

  /// Whether the gateway sent a packet; nil if that cannot be known.
  func gatewaySends(_ source: IPAddress, _ mac: MACAddress?) -> Bool? {
    gatewayNames.isEmpty ? nil : allowRules.directory.sends(gatewayNames, source, mac)
  }

  /// Step 5: by the user's rules. On the NIC, NAT hides a flow from the rules, so a packet is also allowed if it
  /// continues a flow that a rule allowed on the bridge.
  private mutating func allowedDecision<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ steps: inout Steps
  ) -> Decision? {
    guard !allowRules.isEmpty else {
      _ = steps.ask(.allowRule, false)
      return nil
    }
    let rule = allowRules.firstMatch(seen)
    if joinsInterfaces, seen.role == .bridge {
      permitted.noteBridge(seen, rule.map { UInt16($0) })
    }
    if steps.ask(.allowRule, rule != nil), let rule { return Decision(.allowed(.rule(UInt16(rule))), .allowRule) }
    guard joinsInterfaces, seen.role == .nic else { return nil }
    let permission = permitted.rule(for: seen)
    guard steps.ask(.permittedFlow, permission != nil), let permission else { return nil }
    return Decision(.allowed(.rule(permission)), .permittedFlow)
  }

  /// Step 6: loopback, and DNS in clear or encrypted to any other destination.
  private func resolutionDecision<Steps: StepRecorder>(
    _ packet: DecodedPacket, _ destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision? {
    if steps.ask(.loopback, AddressScope(packet.destination) == .loopback) {
      return Decision(.local(.loopback), .loopback)
    }
    if packet.transport == .unknownProtocol { return undecodable(&steps) }
    let isTCP = packet.protocolNumber == .tcp
    guard isTCP || packet.protocolNumber == .udp else { return nil }
    guard packet.hasPorts else { return undecodable(&steps) }
    let structure: Verdict.Structure? =
      switch packet.destinationPort {
      case 53: .dns
      // DNS over TLS (RFC 7858) and over QUIC (RFC 9250).
      case 853: isTCP ? .dot : .doq
      default: nil
      }
    guard steps.ask(.resolution, structure != nil), let structure else { return nil }
    if steps.ask(.resolver, destination?.meaning.contains(.resolver) == true), let destination {
      return Decision(.allowed(.resolver(destination.resolver)), .resolver)
    }
    return Decision(.leak(structure), .resolver)
  }

  /// Steps 8 and 9.
  func localDecision<Steps: StepRecorder>(
    _ packet: DecodedPacket, otherwise structure: Verdict.Structure, _ steps: inout Steps
  ) -> Decision {
    let kind = localKind(packet)
    guard steps.ask(.local, kind != nil), let kind else { return Decision(.leak(structure), .local) }
    guard kind == .undeclared else { return Decision(.local(kind), .local) }
    let isLeak = steps.ask(.undeclared, strictLocal)
    return Decision(isLeak ? .leak(structure) : .local(kind), .undeclared)
  }

  /// The position of the endpoint that sent an ingress packet, or -1.
  func endpoint(_ packet: DecodedPacket, at entry: SpecialAddresses.Entry) -> Int16 {
    guard entry.meaning.contains(.endpoint) else { return -1 }
    return addresses.portOfSource(packet, at: entry)?.position ?? -1
  }
}
