public import Policy
public import Wire

/// Decides the verdict of a decoded packet by the policy (semantics 1 and 2), in the contract's order.
///
/// Keeps what a verdict needs to know of earlier packets: flows between public addresses that went out,
/// and the verdicts of first fragments. Both are bounded; what they forget is counted.
public struct Classifier: ~Copyable {
  /// A verdict and what it was counted under.
  public struct Decision: Sendable, BitwiseCopyable {
    public var verdict: Verdict
    /// The position of the policy's endpoint that the packet went to or came from, or -1.
    public var endpoint: Int16 = -1
    /// The finding of the first fragment that this later fragment belongs to, or -1.
    public var finding: Int32 = -1
    /// Whether this is a later fragment whose first was not seen.
    public var isOrphan = false
  }

  var addresses: SpecialAddresses
  var allowRules: AllowRules
  /// What the policy declares local.
  let local: PrefixTable<Bool>
  /// That, and the audited side's own prefixes.
  let declared: PrefixTable<Bool>
  let audited: PrefixTable<Bool>
  let auditedMACs: [MACAddress]
  let servedPorts: [UInt16]
  let hasAudited: Bool
  let auditedOnly: Bool
  let strictLocal: Bool
  var flows: FlowTable
  var fragments: FragmentTable

  /// `seed` keeps a container from choosing collisions in the tables; pass a fixed one only in tests.
  public init(_ policy: TunnelPolicy, seed: UInt64 = .random(in: .min ... .max)) {
    addresses = SpecialAddresses(policy)
    allowRules = AllowRules(policy.allowRules)
    audited = PrefixTable(policy.audited.map { ($0.value, true) })
    local = PrefixTable(policy.local.map { ($0.value, true) })
    declared = PrefixTable((policy.local + policy.audited).map { ($0.value, true) })
    auditedMACs = policy.auditedMACs.map(\.value)
    servedPorts = policy.servedPorts.map(\.value)
    hasAudited = !policy.audited.isEmpty || !policy.auditedMACs.isEmpty
    auditedOnly = policy.auditedOnly
    strictLocal = policy.strictLocal
    flows = FlowTable(seed: seed)
    fragments = FragmentTable(seed: seed)
  }

  /// Takes over endpoints that were learned since; nothing else of the policy may have changed.
  public mutating func replaceEndpoints(_ policy: TunnelPolicy) {
    addresses = SpecialAddresses(policy)
  }

  public mutating func classify(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, role: InterfaceRole?
  ) -> Decision {
    guard packet.network == .ip else {
      if knownDirection(packet, frame, role) == .ingress { return Decision(verdict: .ingress) }
      return Decision(verdict: packet.network == .linkLayer ? .local(.linkLayer) : .leak(.undecodable))
    }
    if packet.fragment == .later { return classifyLaterFragment(packet, frame, role) }

    let source = addresses.find(packet.source)
    let destination = addresses.find(packet.destination)
    var decision: Decision
    if isEgress(packet, frame, role, source: source, destination: destination) {
      decision = classifyEgress(packet, frame, source: source, destination: destination)
    } else {
      decision = Decision(verdict: .ingress, endpoint: source.map { endpoint(packet, at: $0) } ?? -1)
    }
    if packet.fragment == .first {
      var first = FragmentTable.First(verdict: decision.verdict, time: frame.timestamp)
      if case .tunnel = decision.verdict { first.verdict = .tunnel(.fragment) }
      first.endpoint = decision.endpoint
      fragments.insert(packet, first)
    }
    return decision
  }

  /// Says in which finding a first fragment was counted, so that its later ones are counted there too.
  mutating func remember(finding: Int32, of packet: DecodedPacket, _ decision: Decision, at time: Timestamp) {
    fragments.insert(
      packet,
      FragmentTable.First(verdict: decision.verdict, time: time, finding: finding, endpoint: decision.endpoint))
  }

  private mutating func classifyLaterFragment(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ role: InterfaceRole?
  ) -> Decision {
    if let first = fragments.find(packet, at: frame.timestamp) {
      return Decision(verdict: first.verdict, endpoint: first.endpoint, finding: first.finding)
    }
    let source = addresses.find(packet.source)
    let destination = addresses.find(packet.destination)
    guard isEgress(packet, frame, role, source: source, destination: destination) else {
      return Decision(verdict: .ingress)
    }
    var verdict = Verdict.leak(.fragment)
    if source?.meaning.contains(.tunnelAddress) == true {
      verdict = .leak(.tunnelAddress)
    } else if destination?.meaning.contains(.tunnelResolver) == true {
      verdict = .leak(.tunnelDestination)
    } else if destination?.meaning.contains(.endpoint) != true, let kind = localKind(packet),
      kind != .undeclared || !strictLocal
    {
      verdict = .local(kind)
    }
    return Decision(verdict: verdict, isOrphan: true)
  }
}
