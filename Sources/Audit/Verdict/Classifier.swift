import Policy
import Wire

/// Decides the verdict of a decoded packet by the policy (CONTRACT 1 and 2), in the contract's order.
///
/// Keeps what a verdict needs to know of earlier packets: flows, stations, first fragments, sessions and permitted
/// flows. All of these are bounded, and what they forget is counted.
struct Classifier: ~Copyable {
  /// A verdict, the question that decided it, and where the packet was counted.
  struct Decision: Sendable, BitwiseCopyable {
    var verdict: Verdict
    /// The question whose answer is the verdict.
    var step: Step
    /// The position of the policy's endpoint that the packet went to or came from, or -1.
    var endpoint: Int16 = -1
    /// The candidate for an Endpoint that the packet went to, or -1.
    var candidate: Int16 = -1
    /// The address of the source route that the packet leaks to, or -1.
    var hop: Int16 = -1
    /// The finding of the first fragment that this later fragment belongs to, or -1.
    var finding: Int32 = -1
    /// Whether this is a later fragment whose first was not seen.
    var isOrphan = false
    /// Whether the packet's source address is not one of the interface's.
    var isForeign = false
    /// Whether addresses alone made the packet ingress.
    var isBelieved = false
    /// The station that sent a frame taken for ingress by addresses alone, or -1.
    var doubtful: Int32 = -1
    /// The station that received such a frame, or -1.
    var toward: Int32 = -1
    /// Whether the direction rests on more than an address that anybody can forge.
    var isCertain = false
    /// Whether the packet shows where the gateway's OpenVPN goes.
    var showsOpenVPN = false
    /// Whether the packet is junk if a handshake initiation follows.
    var mayBeJunk = false
    /// Whether the audit itself sent the frame (`--control`).
    var isControl = false

    init(_ verdict: Verdict, _ step: Step, endpoint: Int16 = -1) {
      self.verdict = verdict
      self.step = step
      self.endpoint = endpoint
    }
  }

  /// What is known about an interface besides its role.
  struct Surroundings: Sendable {
    /// Whether a station that the policy names was seen: then no other station counts as audited by what it sends.
    var hasStatedStation = false
    /// The interface's own prefixes, if known.
    var prefixes: [IPPrefix] = []
    /// Frames that were taken for ingress by their addresses alone.
    var believed = 0
    /// When the first frame came.
    var begin: Timestamp?
    var inside = Inside()
  }

  private let place = HeldInMemory()

  var addresses: SpecialAddresses
  var allowRules: AllowRules
  /// The prefixes that the policy declares local.
  let local: PrefixTable<Bool>
  /// `local`, and the audited side's own prefixes.
  let declared: PrefixTable<Bool>
  let audited: PrefixTable<Bool>
  let auditedFamilies: [IPAddress.Family]
  /// MAC addresses of the audited side that the policy names.
  let statedMACs: [MACAddress]
  let hasAudited: Bool
  let auditedOnly: Bool
  let strictLocal: Bool
  let requiresVerifiedPeer: Bool
  /// How many of the policy's endpoints were stated; later ones were learned.
  let statedEndpoints: Int
  let gatewayNames: [String]
  /// Whether both a bridge and a NIC are audited, so that a packet can be seen on both.
  var joinsInterfaces = false

  var flows: FlowTable
  /// Flows that were taken for ingress: a packet that answers one does not open a flow.
  var incoming: FlowTable
  var stations: LinkStations
  var surroundings: [Surroundings] = []
  /// Whether any interface's own prefixes are known.
  var hasPrefixes = false
  var fragments: FragmentTable
  /// By endpoint.
  var tunnels: [Tunnel]
  var served: ServedSessions
  var permitted: PermittedFlows
  var candidates: EndpointCandidates
  let lists: EndpointLists
  let infersOpenVPN: Bool
  let infersWireGuard: Bool
  /// How many Endpoints were learned from OpenVPN's sessions and not from a list.
  var openVPNGuesses = 0

  /// `seed` keeps a container from choosing collisions in the tables; pass a fixed one only in tests.
  init(_ policy: TunnelPolicy, infersEndpoints: Bool = false, seed: UInt64 = .random(in: .min ... .max)) {
    addresses = SpecialAddresses(policy)
    allowRules = AllowRules(policy.allowRules)
    audited = PrefixTable(policy.audited.map { ($0.value, true) })
    auditedFamilies = policy.audited.map { $0.value.address.family }
    local = PrefixTable(policy.local.map { ($0.value, true) })
    declared = PrefixTable((policy.local + policy.audited).map { ($0.value, true) })
    statedMACs = policy.auditedMACs.map(\.value) + policy.containers.flatMap { $0.value.macAddresses }
    hasAudited = !policy.audited.isEmpty || !policy.auditedMACs.isEmpty
    auditedOnly = policy.auditedOnly
    strictLocal = policy.strictLocal
    requiresVerifiedPeer = policy.requiresVerifiedPeer
    statedEndpoints = policy.endpoints.count
    gatewayNames = policy.containers.filter { $0.value.holdsTunnel }.flatMap { $0.value.names }
    flows = FlowTable(capacity: 1 << 16, seed: seed)
    incoming = FlowTable(capacity: 1 << 13, seed: seed)
    stations = LinkStations(seed: seed)
    fragments = FragmentTable(seed: seed)
    tunnels = policy.endpoints.map { Tunnel($0.value) }
    served = ServedSessions(policy.servedPorts.map(\.value), seed: seed)
    permitted = PermittedFlows(seed: seed)
    candidates = EndpointCandidates(isActive: infersEndpoints)
    lists = EndpointLists(policy)
    infersOpenVPN = policy.infersOpenVPN
    infersWireGuard = policy.infersWireGuard
  }

  /// Adds endpoints that were learned since; nothing else in the policy may have changed.
  mutating func add(_ new: [Tunnel], of policy: TunnelPolicy) {
    addresses = SpecialAddresses(policy)
    tunnels += new
  }

  mutating func classify<Steps: StepRecorder>(_ seen: borrowing Sighting, _ steps: inout Steps) -> Decision {
    guard seen.packet.network == .ip else {
      if let way = certainWay(seen, &steps), way.direction == .ingress {
        if way.toward >= 0 { stations.addReceived(1, at: way.toward) }
        return Decision(.ingress, way.step)
      }
      let isLink = steps.ask(.linkProtocol, seen.packet.network == .linkLayer)
      return Decision(isLink ? .local(.linkLayer) : .leak(.undecodable), .linkProtocol)
    }
    let source = addresses.find(seen.packet.source)
    let destination = addresses.find(seen.packet.destination)
    if let decision = insideDecision(seen, source: source, destination: destination, &steps) {
      return decision
    }
    let way = way(of: seen, source: source, destination: destination, &steps)
    var decision: Decision
    if seen.packet.fragment == .later {
      decision = laterFragment(seen, way, source: source, destination: destination, &steps)
    } else if way.direction == .egress {
      decision = egress(seen, source: source, destination: destination, &steps)
    } else {
      decision = Decision(.ingress, way.step, endpoint: source.map { endpoint(seen.packet, at: $0) } ?? -1)
      if decision.endpoint < 0, !served.isEmpty { served.noteIncoming(seen) }
    }
    decision.isForeign = way.isForeign
    decision.isCertain = way.isCertain
    decision.isBelieved = way.isBelieved
    decision.doubtful = Int32(truncatingIfNeeded: way.doubtful)
    decision.toward = Int32(truncatingIfNeeded: way.toward)
    if seen.packet.fragment == .first {
      var first = FragmentTable.First(verdict: decision.verdict, step: decision.step, time: seen.moment)
      if case .tunnel = decision.verdict { first.verdict = .tunnel(.fragment) }
      first.endpoint = decision.endpoint
      fragments.insert(seen.packet, seen.interface, way.direction, first)
    }
    return decision
  }

  /// Rules 1 and 2 of direction, for a frame without an IP header. Nil if neither decides.
  func certainWay<Steps: StepRecorder>(_ seen: borrowing Sighting, _ steps: inout Steps) -> Way? {
    let recorded = recordedDirection(of: seen)
    if steps.ask(.recordedDirection, recorded != nil), let recorded { return Way(recorded, .recordedDirection) }
    var link = seen.link
    if let source = link?.source {
      link?.from = Int32(truncatingIfNeeded: stations.find(source, seen.interface) ?? -1)
    }
    if let to = link?.destination { link?.to = Int32(truncatingIfNeeded: stations.find(to, seen.interface) ?? -1) }
    var way = stationWay(link, leavesPremises: false, &steps)
    if way?.step == .recognisedDestination, let link { way?.toward = Int(link.to) }
    return way
  }

  /// Remembers the finding that a first fragment was counted in, so that its later fragments are counted there too.
  mutating func remember(finding: Int32, of seen: borrowing Sighting, _ decision: Decision) {
    fragments.insert(
      seen.packet, seen.interface, .egress,
      FragmentTable.First(
        verdict: decision.verdict, step: decision.step, time: seen.moment, finding: finding,
        endpoint: decision.endpoint))
  }

  private mutating func laterFragment<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ way: Way,
    source: SpecialAddresses.Entry?, destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision {
    var first = fragments.find(seen.packet, seen.interface, way.direction, at: seen.moment)
    // Between public addresses only the first fragment's ports show the direction.
    if first == nil, way.step == .answersFlow {
      first = fragments.find(seen.packet, seen.interface, .ingress, at: seen.moment)
    }
    if let first {
      _ = steps.ask(.laterFragment, true)
      var decision = Decision(first.verdict, .laterFragment, endpoint: first.endpoint)
      decision.finding = first.finding
      // Each fragment has its own source route.
      let isRouted = seen.packet.hasSourceRoute && decision.verdict != .ingress
      return isRouted ? worst(decision, seen, &steps) : decision
    }
    guard way.direction == .egress else { return Decision(.ingress, way.step) }
    _ = steps.ask(.laterFragment, false)
    var decision = orphan(seen.packet, source: source, destination: destination, &steps)
    decision.isOrphan = true
    if seen.packet.hasSourceRoute { decision = worst(decision, seen, &steps) }
    return decision
  }

  /// Decides a later fragment whose first was not seen: by steps 3 and 7, then by its addresses.
  private func orphan<Steps: StepRecorder>(
    _ packet: DecodedPacket, source: SpecialAddresses.Entry?, destination: SpecialAddresses.Entry?,
    _ steps: inout Steps
  ) -> Decision {
    if steps.ask(.tunnelAddress, source?.meaning.contains(.tunnelAddress) == true) {
      return Decision(.leak(.tunnelAddress), .tunnelAddress)
    }
    if steps.ask(.tunnelResolver, destination?.meaning.contains(.tunnelResolver) == true) {
      return Decision(.leak(.tunnelDestination), .tunnelResolver)
    }
    if steps.ask(.endpointAddress, destination?.meaning.contains(.endpoint) == true) {
      return Decision(.leak(.fragment), .endpointAddress)
    }
    return localDecision(packet, otherwise: .fragment, &steps)
  }
}
