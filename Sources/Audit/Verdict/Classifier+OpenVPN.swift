import Policy
import Wire

/// Finds where a gateway's OpenVPN goes if it chooses its server itself (CONTRACT 5, where an Endpoint comes from).
extension Classifier {
  /// The most Endpoints that only sessions show and that no list names.
  static var mostOpenVPNGuesses: Int { 8 }

  /// Decides a packet that shows where OpenVPN goes: to a server on the gateway's list, or the beginning of a session
  /// with another server while nothing else answers its sender. Nil for any other packet.
  mutating func openVPNDecision<Steps: StepRecorder>(
    _ seen: borrowing Sighting, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision? {
    guard lists.hasOpenVPN || infersOpenVPN, seen.packet.hasPorts, source?.meaning.contains(.tunnelAddress) != true,
      let transport = TunnelEndpoint.Transport(seen.packet.protocolNumber)
    else { return nil }
    if let destination, destination.meaning.contains(.endpoint),
      addresses.portOfDestination(seen.packet, at: destination) != nil
    {
      return nil
    }
    let endpoint = Endpoint(address: seen.packet.destination, port: seen.packet.destinationPort)
    let list = lists.openVPNList(of: endpoint, over: transport)
    // Over TCP a session begins with TCP's handshake, which shows nothing of OpenVPN.
    let isGuess =
      list == nil && infersOpenVPN && transport == .udp && seen.packet.transport == .header
      && OpenVPNMessage.beginsSession(seen.payload, length: Int(seen.packet.payloadLength), inStream: false)
    guard list != nil || isGuess else { return nil }
    switch AddressScope(seen.packet.destination) {
    case .public, .private, .linkLocal: break
    default: return nil
    }
    if isStray(seen) {
      candidates.noteStray(endpoint)
      return nil
    }
    if seen.role == .nic, candidates.isStray(endpoint) { return nil }
    if isGuess {
      let sender = EndpointCandidates.Sender(interface: seen.interface, address: seen.packet.source)
      guard openVPNGuesses < Self.mostOpenVPNGuesses, !isJustAnswered(sender, at: seen.moment) else { return nil }
      openVPNGuesses += 1
    }
    _ = steps.ask(.candidate, true)
    var decision = Decision(.tunnel(.openVPN), .candidate)
    decision.showsOpenVPN = true
    return decision
  }

  /// Whether one of the sender's Endpoints answered so recently that no other one may take its place yet.
  private func isJustAnswered(_ sender: EndpointCandidates.Sender, at moment: Timestamp) -> Bool {
    guard let endpoint = candidates.current(of: sender), let heard = tunnels[Int(endpoint)].session.heard else {
      return false
    }
    return moment - heard <= EndpointCandidates.silence
  }
}
