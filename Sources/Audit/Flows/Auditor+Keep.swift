import Policy
import Wire

/// Decides which flows are kept (`KnownFlows`).
extension Auditor {
  /// Keeps the flow of a packet that was just decided, if the same decision holds for all packets that follow.
  ///
  /// That is so if only policy and addresses decided (link addresses included: they belong to the flow), and not if
  /// earlier flows could have decided (a public source, unless its station or the record gives the direction).
  mutating func keep(_ decision: Classifier.Decision, _ seen: borrowing Sighting, foreign: Int) {
    if decision.isForeign, foreign < 0 { return }
    guard let kind = steadyKind(decision, seen),
      let plain = PlainPacket(
        seen.frame.bytes, seen.frame.linkType, interface: seen.interface, seen.frame.recordDirection)
    else { return }
    var flow = KnownFlows.Flow(plain.flow, kind, at: seen.moment)
    flow.endpoint = decision.endpoint
    flow.isBelieved = decision.isBelieved
    flow.doubtful = decision.doubtful
    flow.toward = decision.toward
    flow.leaves = classifier.isPublicUnicast(seen.packet.destination)
    flow.foreign = Int32(truncatingIfNeeded: foreign)
    flow.isOnBridge = seen.role == .bridge
    switch kind {
    case .sent:
      guard let message = TransportData(plain, seen.frame.bytes),
        let session = counters.position(interface: seen.interface, receiver: message.receiver)
      else { return }
      flow.receiver = message.receiver
      flow.session = Int32(truncatingIfNeeded: session)
      flow.isVerified = classifier.tunnels[Int(decision.endpoint)].session.isVerified(receiver: message.receiver)
    case .received: if TransportData(plain, seen.frame.bytes) == nil { return }
    case .incoming, .local, .leak: break
    }
    let position = makePlace(for: plain.flow)
    flows.keep(flow, at: position)
  }

  /// What all packets of the flow are; nil if that depends on their contents, or on other packets.
  private func steadyKind(_ decision: Classifier.Decision, _ seen: borrowing Sighting) -> KnownFlows.Kind? {
    switch decision.verdict {
    case .tunnel(.data), .tunnel(.keepalive):
      guard isPlainEndpoint(decision.endpoint), keepsDirection(decision, seen),
        classifier.tunnels[Int(decision.endpoint)].session.needsNoMoreSent
      else { return nil }
      return .sent
    case .ingress where decision.endpoint >= 0:
      // Until the tunnel is up, each of the peer's messages may be the one that shows it.
      guard isPlainEndpoint(decision.endpoint), classifier.tunnels[Int(decision.endpoint)].session.isUp else {
        return nil
      }
      return .received
    case .ingress:
      // A packet from private space to a public address, or to an Endpoint, may show that its sender is on the audited
      // side.
      let mayTeach =
        !decision.isCertain
        && (AddressScope(seen.packet.source) == .private
          || classifier.addresses.find(seen.packet.destination)?.meaning.contains(.endpoint) == true)
      guard looksAtNothing(seen.packet), leaks.circumstances.published.isEmpty, decision.step != .answersFlow, !mayTeach
      else {
        return nil
      }
      return .incoming
    case .local(let kind):
      guard looksAtNothing(seen.packet), classifier.allowRules.isEmpty, keepsDirection(decision, seen) else {
        return nil
      }
      return .local(kind)
    default: return nil
    }
  }

  /// Whether an egress packet's direction does not depend on earlier flows, as that of a public source may.
  private func keepsDirection(_ decision: Classifier.Decision, _ seen: borrowing Sighting) -> Bool {
    decision.isCertain || AddressScope(seen.packet.source).isPrivate
  }

  /// Whether an endpoint's messages are recognised by their form alone.
  private func isPlainEndpoint(_ endpoint: Int16) -> Bool {
    endpoint >= 0 && classifier.tunnels[Int(endpoint)].amneziaMessages == nil
      && classifier.tunnels[Int(endpoint)].publicKey == nil
  }

  /// Whether nothing looks at the contents of packets such as this one: no served port's rules, no search for
  /// Endpoints, no notices, and no wait for a control frame. DNS answers, which may name an Endpoint, are telling.
  func looksAtNothing(_ packet: DecodedPacket) -> Bool {
    classifier.served.isEmpty && !classifier.candidates.isActive && !isTelling(packet)
      && control?.mayBe(packet) != true
  }
}
