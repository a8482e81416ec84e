import Policy
import Wire

/// Direction (semantics 1): the first rule that has an answer gives it.
extension Classifier {
  enum Direction { case egress, ingress }

  mutating func isEgress(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ role: InterfaceRole?,
    source: SpecialAddresses.Entry?, destination: SpecialAddresses.Entry?
  ) -> Bool {
    let sourceIsPrivate = isPrivate(packet.source, source)
    let egress = isEgress(
      packet, frame, role, sourceIsPrivate: sourceIsPrivate,
      sourceIsEndpoint: source?.meaning.contains(.endpoint) == true, destination: destination)
    // Only flows between public addresses need to be remembered: for all others the addresses decide.
    if egress, !sourceIsPrivate, let flow = FlowKey(packet) { flows.insert(flow) }
    return egress
  }

  /// The same without remembering the flow.
  mutating func isEgress(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ role: InterfaceRole?, sourceIsPrivate: Bool,
    sourceIsEndpoint: Bool, destination: SpecialAddresses.Entry?
  ) -> Bool {
    if hasAudited, let direction = auditedDirection(packet, frame) { return direction == .egress }
    if let direction = knownDirection(packet, frame, role) { return direction == .egress }
    if sourceIsEndpoint { return false }
    if sourceIsPrivate || AddressScope(packet.destination).isGroup { return true }
    if isPrivate(packet.destination, destination) { return false }
    return !answersSeenFlow(packet, frame)
  }

  /// Rule 1: the audited side is named.
  private func auditedDirection(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Direction? {
    if audited.contains(packet.source) { return .egress }
    var toAudited = audited.contains(packet.destination)
    if !auditedMACs.isEmpty {
      if let source = Self.sourceMAC(frame), auditedMACs.contains(source) { return .egress }
      if frame.linkType == .ethernet, let ethernet = try? EthernetFrame(frame.bytes) {
        toAudited = toAudited || auditedMACs.contains(ethernet.destination)
      }
    }
    return toAudited || auditedOnly ? .ingress : nil
  }

  /// Who sent the frame on its link, where the link has such addresses.
  static func sourceMAC(_ frame: borrowing CapturedFrame) -> MACAddress? {
    switch frame.linkType {
    case .ethernet: (try? EthernetFrame(frame.bytes))?.source
    case .linuxCooked: (try? LinuxCookedFrame(frame.bytes, version: 1))?.source
    case .linuxCooked2: (try? LinuxCookedFrame(frame.bytes, version: 2))?.source
    default: nil
    }
  }

  /// Rule 2: the interface's role is known and the record has a direction. Without a role a record's
  /// direction proves nothing: a capture on `any` shows a container's leak as incoming on the bridge.
  func knownDirection(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ role: InterfaceRole?
  ) -> Direction? {
    guard let role else { return nil }
    let recorded = frame.recordDirection == .unknown ? packet.linkDirection : frame.recordDirection
    switch (role, recorded) {
    case (_, .unknown): return nil
    case (.nic, .outgoing), (.bridge, .incoming): return .egress
    case (.nic, .incoming), (.bridge, .outgoing): return .ingress
    }
  }

  /// Whether an address is on the premises: by its value, as a tunnel address, or because the policy says so.
  func isPrivate(_ address: IPAddress, _ entry: SpecialAddresses.Entry?) -> Bool {
    AddressScope(address).isPrivate || entry?.meaning.contains(.tunnelAddress) == true || isDeclared(address)
  }

  func isDeclared(_ address: IPAddress) -> Bool { !declared.isEmpty && declared.contains(address) }

  /// Rule 4: the packet answers a flow that went out, or is an ICMP error that quotes one.
  private mutating func answersSeenFlow(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Bool {
    if packet.transport == .header, packet.isICMP,
      ICMPType.isError(packet.flagsOrType, packet.protocolNumber)
    {
      guard let quoted = PacketDecoder.decodeQuoted(packet, frame.bytes), let flow = FlowKey(quoted) else {
        return false
      }
      return quoted.source == packet.destination && flows.contains(flow)
    }
    guard let flow = FlowKey(packet) else { return false }
    return flows.contains(flow.reversed)
  }
}
