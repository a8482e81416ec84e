import Policy
import Wire

/// The verdict of an egress packet (semantics 2), step by step.
extension Classifier {
  func classifyEgress(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?
  ) -> Decision {
    if let destination, destination.meaning.contains(.endpoint) {
      return classifyToEndpoint(packet, frame, destination)
    }
    return Decision(verdict: classifyElsewhere(packet, frame, source: source, destination: destination))
  }

  /// Step 2: to an Endpoint's address.
  private func classifyToEndpoint(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ entry: SpecialAddresses.Entry
  ) -> Decision {
    if packet.transport == .unknownProtocol { return Decision(verdict: .leak(.undecodable)) }
    guard packet.protocolNumber == .udp else { return Decision(verdict: .leak(.endpointBypass)) }
    guard packet.hasPorts else { return Decision(verdict: .leak(.undecodable)) }
    for index in Int(entry.firstEndpoint)..<Int(entry.firstEndpoint + entry.endpointCount)
    where addresses.ports[index].port == packet.destinationPort {
      let endpoint = addresses.ports[index]
      let verdict: Verdict =
        switch tunnelKind(packet, frame, endpoint.shape) {
        case .some(let kind?): .tunnel(kind)
        case .some(nil): .leak(.notWireGuard)
        case nil: .leak(.undecodable)
        }
      return Decision(verdict: verdict, endpoint: endpoint.position)
    }
    return Decision(verdict: .leak(.endpointBypass))
  }

  /// The message's kind; inner nil if the payload is another shape, outer nil if too little was captured
  /// to tell.
  private func tunnelKind(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ shape: TunnelEndpoint.Shape
  ) -> TunnelKind?? {
    if shape == .any { return .some(.unchecked) }
    guard packet.transport == .header else { return nil }
    let length = Int(packet.payloadLength)
    // Too short for any message: the length alone decides.
    guard length >= WireGuardMessage.keepaliveLength else { return .some(nil) }
    let start = Int(packet.payloadOffset)
    guard start + 4 <= Int(packet.packetEnd) else { return nil }
    let word = frame.bytes.uint32(at: start)
    guard let message = WireGuardMessage(firstWord: word, payloadLength: length, anyReserved: shape == .anyReserved)
    else { return .some(nil) }
    return TunnelKind(message, payloadLength: length)
  }

  /// Steps 3 to 9.
  private func classifyElsewhere(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?
  ) -> Verdict {
    if !servedPorts.isEmpty, let verdict = servedVerdict(packet, frame) { return verdict }
    if source?.meaning.contains(.tunnelAddress) == true { return .leak(.tunnelAddress) }
    if let rule = allowRules.firstMatch(packet, frame) { return .allowed(.rule(UInt16(rule))) }

    if let verdict = resolutionVerdict(packet, destination) { return verdict }
    if destination?.meaning.contains(.tunnelResolver) == true { return .leak(.tunnelDestination) }
    if let kind = localKind(packet) {
      return kind == .undeclared && strictLocal ? .leak(.unnamed) : .local(kind)
    }
    return .leak(AddressScope(packet.destination) == .multicast ? .multicast : .unnamed)
  }

  /// Step 3: sent by a WireGuard server on the audited side.
  private func servedVerdict(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Verdict? {
    if packet.transport == .unknownProtocol { return .leak(.undecodable) }
    guard packet.protocolNumber == .udp else { return nil }
    guard packet.hasPorts else { return .leak(.undecodable) }
    guard servedPorts.contains(packet.sourcePort) else { return nil }
    switch tunnelKind(packet, frame, .wireGuard) {
    case nil: return .leak(.undecodable)
    case .some(nil): return nil
    case .some(.some): return .tunnel(.served)
    }
  }

  /// Step 6: loopback, and DNS in clear or encrypted wherever else it goes.
  private func resolutionVerdict(_ packet: DecodedPacket, _ destination: SpecialAddresses.Entry?) -> Verdict? {
    if AddressScope(packet.destination) == .loopback { return .local(.loopback) }
    if packet.transport == .unknownProtocol { return .leak(.undecodable) }
    let isTCP = packet.protocolNumber == .tcp
    guard isTCP || packet.protocolNumber == .udp else { return nil }
    guard packet.hasPorts else { return .leak(.undecodable) }
    let structure: Verdict.Structure
    switch packet.destinationPort {
    case 53: structure = .dns
    // DNS over TLS (RFC 7858) and over QUIC (RFC 9250).
    case 853: structure = isTCP ? .dot : .doq
    default: return nil
    }
    if let destination, destination.meaning.contains(.resolver) { return .allowed(.resolver(destination.resolver)) }
    return .leak(structure)
  }

  /// Step 8: why a destination is local, or nil where it is not.
  func localKind(_ packet: DecodedPacket) -> LocalKind? {
    switch AddressScope(packet.destination) {
    case .private: isDeclared(packet.destination) ? .private : .undeclared
    case .linkLocal: .linkLocal
    case .loopback: .loopback
    case .broadcast: isNameDiscovery(packet) ? .nameDiscovery : .broadcast
    case .localMulticast: isNameDiscovery(packet) ? .nameDiscovery : .multicast
    case .unspecified: nil
    // The audited side's own prefix does not count here: a network that hands out public addresses could
    // otherwise make them local (TunnelCrack's LocalNet, CVE-2023-36672).
    case .public, .multicast: !local.isEmpty && local.contains(packet.destination) ? .private : nil
    }
  }

  /// mDNS (RFC 6762 section 3), LLMNR (RFC 4795 section 2), NetBIOS names and datagrams (RFC 1002), each to
  /// its group or, for NetBIOS, to everybody.
  private func isNameDiscovery(_ packet: DecodedPacket) -> Bool {
    guard packet.protocolNumber == .udp, packet.hasPorts else { return false }
    let group = packet.destination
    switch packet.destinationPort {
    case 5353:
      // FF0X::FB: the same group in each scope.
      return group.isIPv4 ? group.low == 0xE000_00FB : group.high << 16 == 0 && group.low == 0xFB
    case 5355: return group.isIPv4 ? group.low == 0xE000_00FC : group.high == 0xFF02 << 48 && group.low == 0x1_0003
    case 137, 138: return AddressScope(group) == .broadcast
    default: return false
    }
  }

  /// The position of the endpoint that sent an ingress packet, or -1.
  func endpoint(_ packet: DecodedPacket, at entry: SpecialAddresses.Entry) -> Int16 {
    guard entry.meaning.contains(.endpoint), packet.protocolNumber == .udp, packet.hasPorts else { return -1 }
    for index in Int(entry.firstEndpoint)..<Int(entry.firstEndpoint + entry.endpointCount)
    where addresses.ports[index].port == packet.sourcePort {
      return addresses.ports[index].position
    }
    return -1
  }
}
