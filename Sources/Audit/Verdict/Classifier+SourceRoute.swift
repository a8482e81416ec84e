import Wire

/// Judges a packet with a source route: it has several destinations, and the worst verdict counts (CONTRACT 2).
extension Classifier {
  /// Allow rules do not apply to the other destinations: a rule's filter sees only the one in the header.
  func worst<Steps: StepRecorder>(_ decision: Decision, _ seen: borrowing Sighting, _ steps: inout Steps) -> Decision {
    if case .leak = decision.verdict { return decision }
    let route = SourceRoute(seen.packet, seen.frame)
    guard route.isReadable else {
      _ = steps.ask(.sourceRoute, true)
      return Decision(.leak(.undecodable), .sourceRoute)
    }
    for index in 0..<route.count {
      let hop = seen.routed(to: route[index])
      var unasked = NoSteps()
      let entry = addresses.find(route[index])
      var other: Decision
      if seen.packet.fragment == .later {
        let isEndpoint = entry?.meaning.contains(.endpoint) == true
        other =
          isEndpoint
          ? Decision(.leak(.fragment), .sourceRoute) : localDecision(hop.packet, otherwise: .fragment, &unasked)
      } else if let entry, entry.meaning.contains(.endpoint) {
        other = decideToEndpoint(hop, entry, &unasked)
      } else {
        other = decideByDestination(hop.packet, entry, &unasked)
      }
      guard case .leak = other.verdict else { continue }
      _ = steps.ask(.sourceRoute, true)
      other.step = .sourceRoute
      other.isOrphan = decision.isOrphan
      other.hop = Int16(truncatingIfNeeded: index)
      return other
    }
    var decision = decision
    if !steps.ask(.sourceRoute, false) { decision.step = .sourceRoute }
    return decision
  }
}
