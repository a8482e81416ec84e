import Policy
import Wire

/// The tunnel's inside (CONTRACT 1): what goes through the tunnel, seen before or after encryption on an interface of
/// its own.
extension Classifier {
  /// The inner packets of an interface, and what contradicts them.
  struct Inside: Sendable {
    var count = Count()
    /// Whether an Endpoint's packets were seen: then the interface leads outside, as an LTE modem's does.
    var isUplink = false
    /// How many frames had counted as inner by then.
    var mistaken = 0
  }

  /// Whether the frame's interface has no link-layer addresses and no stated role.
  private func mayBeInside(_ frame: borrowing CapturedFrame, _ place: Place) -> Bool {
    place.role == nil && (try? LinkHeader(frame))?.isWithoutLink == true
  }

  /// Nil if the packet does not belong to the tunnel's inside.
  mutating func insideDecision<Steps: StepRecorder>(
    _ seen: borrowing Sighting, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision? {
    guard source != nil || destination != nil, mayBeInside(seen.frame, seen.place), reach(seen.interface) else {
      return nil
    }
    let isOfTunnel =
      source?.meaning.contains(.tunnelAddress) == true || destination?.meaning.contains(.tunnelAddress) == true
    guard isOfTunnel else {
      if isEndpoints(seen.packet, source: source, destination: destination) { noteUplink(seen.interface) }
      return nil
    }
    guard steps.ask(.tunnelInside, !surroundings[seen.interface].inside.isUplink) else { return nil }
    surroundings[seen.interface].inside.count.add(seen.length)
    return Decision(.inner, .tunnelInside)
  }

  private func isEndpoints(
    _ packet: DecodedPacket, source: SpecialAddresses.Entry?, destination: SpecialAddresses.Entry?
  ) -> Bool {
    if let source, endpoint(packet, at: source) >= 0 { return true }
    guard let destination, destination.meaning.contains(.endpoint) else { return false }
    return addresses.portOfDestination(packet, at: destination) != nil
  }

  private mutating func noteUplink(_ interface: Int) {
    guard !surroundings[interface].inside.isUplink else { return }
    surroundings[interface].inside.isUplink = true
    surroundings[interface].inside.mistaken = surroundings[interface].inside.count.frames
  }
}
