import Policy
import Wire

/// Where a gateway's OpenVPN goes that chooses its server by itself (semantics 5, where an Endpoint comes from).
extension Classifier {
  /// Endpoints that no list names, and that sessions alone may show.
  static var mostOpenVPNGuesses: Int { 8 }

  /// A packet that shows where OpenVPN goes: to a server of the gateway's list, or the beginning of a session with another one
  /// while nothing else answers its sender. Nil for any other.
  mutating func openVPNDecision<Steps: StepRecorder>(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ place: Place, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision? {
    guard lists.hasOpenVPN || infersOpenVPN, packet.hasPorts, source?.meaning.contains(.tunnelAddress) != true,
      let transport = TunnelEndpoint.Transport(packet.protocolNumber)
    else { return nil }
    if let destination, destination.meaning.contains(.endpoint),
      addresses.portOfDestination(packet, at: destination) != nil
    {
      return nil
    }
    let endpoint = Endpoint(address: packet.destination, port: packet.destinationPort)
    let list = lists.openVPNList(of: endpoint, over: transport)
    // Over TCP a session begins with a handshake that shows nothing of it.
    let isGuess =
      list == nil && infersOpenVPN && transport == .udp && packet.transport == .header
      && OpenVPNMessage.beginsSession(packet.payload(frame), length: Int(packet.payloadLength), inStream: false)
    guard list != nil || isGuess else { return nil }
    switch AddressScope(packet.destination) {
    case .public, .private, .linkLocal: break
    default: return nil
    }
    if isStray(packet, frame, place) {
      candidates.noteStray(endpoint)
      return nil
    }
    if place.role == .nic, candidates.isStray(endpoint) { return nil }
    if isGuess {
      let sender = EndpointCandidates.Sender(interface: place.interface, address: packet.source)
      guard openVPNGuesses < Self.mostOpenVPNGuesses, !isJustAnswered(sender, at: frame.timestamp) else { return nil }
      openVPNGuesses += 1
    }
    _ = steps.ask(.candidate, true)
    var decision = Decision(.tunnel(.openVPN), .candidate)
    decision.showsOpenVPN = true
    return decision
  }

  /// Whether an Endpoint of the sender's answered within the time after which another one may take its place.
  private func isJustAnswered(_ sender: EndpointCandidates.Sender, at moment: Timestamp) -> Bool {
    guard let endpoint = candidates.current(of: sender), let heard = sessions[Int(endpoint)].heard else { return false }
    return moment - heard <= EndpointCandidates.silence
  }
}
