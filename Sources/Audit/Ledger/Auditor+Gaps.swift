import Policy
import Wire

extension Auditor {
  /// What this audit cannot have seen (CONTRACT 6, `incomplete`).
  func missing(
    _ counts: ClassCounts, _ interfaces: [InterfaceTally], _ unproven: [EndpointCandidates.Candidate],
    _ rules: ConclusionRules
  ) -> [Gap] {
    var reasons: [Gap] = []
    if let capture = rules.capture, capture.dropped > 0 {
      reasons.append(
        Gap(
          "the kernel dropped \(capture.dropped) frames because the capture's buffer was full", .lost,
          do: "use a larger --buffer, or give the audit more CPU time"))
    }
    for outcome in controlOutcomes where outcome.verdict == nil {
      reasons.append(
        Gap(
          "\(interfaces[outcome.interface].name) did not deliver its control frame", .unheard,
          do:
            "check with tcpdump -i \(interfaces[outcome.interface].name) that frames of this interface can be captured")
      )
    }
    for outcome in controlOutcomes {
      guard let verdict = outcome.verdict, let role = interfaces[outcome.interface].role else { continue }
      // A host's packet out of the NIC to a public address is a leak; into the bridge, it is ingress.
      let isEgress = role == .nic && !policy.auditedOnly
      let isRight = verdict.verdictClass == (isEgress ? .leak : .ingress)
      if !isRight {
        reasons.append(
          Gap(
            "\(interfaces[outcome.interface].name): the control frame counted as \(verdict.verdictClass.name)",
            .absent, do: "check the interface's role (--role) and the audited side (--audited)"))
      }
    }
    for interface in interfaces where interface.drops > 0 {
      reasons.append(
        Gap("\(interface.name): the capture lost \(interface.drops) frames", .lost, do: Self.moreRoom))
    }
    for (index, interface) in interfaces.enumerated() {
      let missed = counters.missed(interface: index)
      guard missed > 0 else { continue }
      reasons.append(
        Gap(
          Self.missed(missed, on: interface.name), .lost, do: Self.moreRoom))
    }
    for interface in interfaces where interface.counts.total.frames == 0 {
      reasons.append(
        Gap(
          "\(interface.name) delivered no frame", .unheard,
          do: "make the stack send something while the audit runs, or leave this interface out"))
    }
    let egress = counts.total.frames - counts[.ingress].frames
    let insides = insides()
    if !insides.isEmpty, egress == 0 {
      reasons.append(
        Gap(
          "only the inside of the tunnel was captured (\(insides.map(\.name).joined(separator: ", "))): what leaves the machine "
            + "is not in it", .unheard, do: "capture the bridge and the NIC"))
    } else if interfaces.isEmpty {
      reasons.append(
        Gap("no interface was seen", .unheard, do: "capture the bridge and the NIC: this capture describes none"))
    } else if egress == 0, counts.total.frames > 0 {
      reasons.append(
        Gap(
          "no egress frame was seen", .unheard,
          do:
            "check that this is the right interface, and state its role with --role or the audited side with --audited")
      )
    }
    if rules.requiresTunnel, counts[.tunnel].frames == 0 {
      reasons.append(
        Gap(
          "no tunnel packet was seen, and one was required", .unheard,
          do: "bring the tunnel up while the audit runs, and check the Endpoint (leakaudit policy)"))
    }
    if classifier.fragments.evictions > 0 {
      reasons.append(
        Gap(
          "\(classifier.fragments.evictions) first fragments were forgotten before their datagrams ended", .lost,
          do: Self.shorterParts))
    }
    reasons += doubts(unproven)
    if origins.nicGateways.isActive, origins.nicGateways.overflows > 0 || !origins.nicGateways.areKnown,
      leaks.findings.list.contains(where: { $0.key.origin.isHost })
    {
      reasons.append(
        Gap(
          "\(origins.nicGateways.names.joined(separator: "+")) is on the NIC's own network at an address that was not stated, so it is not known which of the "
            + "leaks there are its own", .unheard, do: "state its address with --audited ADDRESS"))
    }
    // A host that watches its own public address forgets flows that nobody looks up: there, records give the direction.
    if classifier.flows.doubts > 0 {
      reasons.append(
        Gap(
          "\(classifier.flows.evictions) flows were forgotten; their answers may have counted as egress", .lost,
          do: "state the interface's role with --role, or the audited side's MAC addresses with --audited"))
    }
    return reasons
  }

  /// Interfaces that showed the tunnel's inside.
  func insides() -> [(name: String, count: Count)] {
    zip(interfaces, classifier.surroundings).filter { $0.1.inside.count.frames > 0 }.map {
      ($0.name, $1.inside.count)
    }
  }

  /// What is known about directions and endpoints, but not surely enough for a clean audit.
  private func doubts(_ unproven: [EndpointCandidates.Candidate]) -> [Gap] {
    var reasons: [Gap] = []
    let stations = classifier.stations
    if stations.mistakenFrames > 0 {
      reasons.append(
        Gap(
          "\(stations.mistakenFrames) frames counted as ingress by their addresses, but came from a MAC address that "
            + "later proved to be the audited side's", .lost, do: Self.statedSide))
    }
    if stations.misdirectedFrames > 0 {
      reasons.append(
        Gap(
          "\(stations.misdirectedFrames) frames counted as ingress by their addresses, but went to the next hop of the "
            + "audited side, as outgoing packets do",
          .lost, do: Self.statedSide))
    }
    for (interface, known) in zip(interfaces, classifier.surroundings) where known.inside.mistaken > 0 {
      reasons.append(
        Gap(
          "\(interface.name): \(known.inside.mistaken) frames counted as the tunnel's inside, before an Endpoint's packet showed "
            + "that the interface leads outside", .lost, do: "state its role with --role"))
    }
    if stations.contradictions > 0 {
      reasons.append(
        Gap(
          "a MAC address sent as the audited side does, but was also its next hop: someone may have used another's, and "
            + "frames to it counted as ingress", .lost, do: Self.statedSide))
    }
    if stations.overflows > 0 {
      reasons.append(
        Gap(
          "more than \(LinkStations.limitPerInterface) MAC addresses sent on one interface: not all could be followed",
          .lost, do: Self.statedSide))
    }
    for candidate in unproven where candidate.initiations.sent.frames > 0 && candidate.tally.heardTime == nil {
      reasons.append(
        Gap(
          "a WireGuard handshake with \(candidate.endpoint) (frame \(candidate.frame)) was never answered, so it is not known "
            + "whether your tunnel goes there", .unheard,
          do: "if it does, state it with --endpoint \(candidate.endpoint)"))
    }
    for detour in classifier.candidates.detours {
      reasons.append(
        Gap(
          "the handshake with \(detour.endpoint) (frame \(detour.frame)) was answered by another station than the one that it "
            + "went to: a neighbour may have forged the answer",
          .absent, do: "if your tunnel goes there, state it with --endpoint \(detour.endpoint)"))
    }
    if classifier.candidates.evictions > 0 {
      let handshakes =
        ledger.unansweredElsewhere.frames == 1 ? "1 handshake" : "\(ledger.unansweredElsewhere.frames) handshakes"
      reasons.append(
        Gap(
          "WireGuard went to more than \(EndpointCandidates.limit) endpoints that no handshake proved; \(handshakes) went to those "
            + "that could not be followed", .lost, do: "state yours with --endpoint"))
    }
    if classifier.candidates.strayOverflows > 0 {
      reasons.append(
        Gap(
          "containers beside the gateway sent WireGuard to more than \(EndpointCandidates.mostStrays) endpoints: on the NIC not all could "
            + "be told from the gateway's", .lost,
          do: "find out which container does that: few need WireGuard of their own"))
    }
    for name in learner.contradicted {
      reasons.append(
        Gap(
          "DNS answers for the Endpoint \(name) contradict one another", .lost,
          do: "state its address with --resolve \(name)=ADDRESS"))
    }
    if let frame = learner.detours.first {
      reasons.append(
        Gap(
          "the DNS answer for the Endpoint's name in frame \(frame) came from another station than the query went to: a "
            + "neighbour may have forged it", .absent, do: "state its address with --resolve NAME=ADDRESS"))
    }
    if learner.hasForgotten {
      reasons.append(
        Gap(
          "more DNS queries or answers for the Endpoint's name than could be followed", .lost,
          do: "state its address with --resolve NAME=ADDRESS"))
    }
    return reasons
  }

  /// The reason that an interface gives whose tunnel packets have gaps in their counters.
  package static func missed(_ packets: UInt64, on interface: String) -> String {
    packets == 1
      ? "\(interface): 1 tunnel packet was missed (its counter has a gap)"
      : "\(interface): \(packets) tunnel packets were missed (their counters have gaps)"
  }

  private static var moreRoom: String {
    "record again with a larger buffer (tcpdump -B 65536, watch --buffer), or with less other load"
  }
  private static var shorterParts: String { "record for a shorter time, or fewer interfaces at once" }
  private static var statedSide: String {
    "state the interface's role with --role, or the audited side's MAC addresses with --audited"
  }
}
