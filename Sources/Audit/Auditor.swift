import Handshake
public import Policy
import Wire

/// Everything that one audit knows: the policy compiled, and what was counted under it.
public struct Auditor: ~Copyable {
  public internal(set) var policy: TunnelPolicy
  public internal(set) var interfaces: [InterfaceTally] = []
  /// Frames audited and in the tallies.
  var decided = 0
  var classifier: Classifier
  var tunnels: [TunnelTally]
  var findings = Findings()
  var localCounts = [9 of Count](repeating: Count())
  var undeclared = UndeclaredPrefixes()
  var served = Count()
  var ruleCounts: [Count]
  var resolverCounts: [Count]
  /// How many packets an expired allow rule would have allowed.
  var expiredMatches: [Int]
  var orphanFragments = 0
  var steadyFlows = SteadyFlows()
  var sessions: [TunnelSession]
  var peerKeys: [PeerKey?]
  var counters = TransportCounters()
  var windows = LeakWindows()
  var join: FlowJoin
  var directory = OriginDirectory()
  /// Whether bridges are audited as soon as they have something to say: until then, too, the host's traffic is its own.
  public var awaitsBridges = false
  var timeline = Timeline()
  var traffic = Traffic()
  var control: ControlExpectation?
  private var inspector: LeakInspector
  var circumstances: LeakCircumstances
  var facts = WireFacts()
  var hostLookups = HostLookups()
  var learner: EndpointLearner

  /// With `infersEndpoints` every initiation that goes out makes its destination an endpoint.
  /// `seed` keeps a container from choosing collisions in the tables; pass a fixed one only in tests.
  public init(_ policy: TunnelPolicy, infersEndpoints: Bool = false, seed: UInt64 = .random(in: .min ... .max)) {
    self.policy = policy
    classifier = Classifier(policy, seed: seed)
    tunnels = Array(repeating: TunnelTally(), count: policy.endpoints.count)
    sessions = Array(repeating: TunnelSession(), count: policy.endpoints.count)
    peerKeys = policy.endpoints.map { $0.value.publicKey.flatMap(PeerKey.init) }
    ruleCounts = Array(repeating: Count(), count: policy.allowRules.count)
    resolverCounts = Array(repeating: Count(), count: policy.resolvers.count)
    expiredMatches = Array(repeating: 0, count: policy.allowRules.count)
    join = FlowJoin(seed: seed)
    inspector = LeakInspector(policy.labelRules)
    circumstances = LeakCircumstances(policy, seed: seed)
    learner = EndpointLearner(policy, infersFromHandshakes: infersEndpoints)
    setDirectory(OriginDirectory(policy.containers.map(\.value)))
  }

  /// Endpoints given by name whose address no DNS answer told: without it their packets cannot be judged.
  public var unansweredEndpoints: [Stated<NamedEndpoint>] { learner.unanswered }

  /// Frames audited so far; each is in exactly one class.
  public var frames: Int { decided &+ steadyFlows.unsettled }

  public var leaksSoFar: Int { interfaces.reduce(0) { $0 + $1.counts[.leak].frames } }

  /// Adds an interface and returns its number.
  public mutating func attach(_ interface: InterfaceTally) -> Int {
    interfaces.append(interface)
    return interfaces.count - 1
  }

  /// Says what an interface is to the audited side, once it is known.
  public mutating func setRole(_ role: InterfaceRole, on interface: Int) {
    guard interfaces[interface].role != role else { return }
    // What was decided under the old role is decided anew.
    settle()
    steadyFlows = SteadyFlows()
    interfaces[interface].role = role
  }

  public mutating func setDrops(_ drops: UInt64, on interface: Int) { interfaces[interface].drops = drops }

  /// Audits one frame: decodes, decides and counts it in exactly one class.
  mutating func record<Observer: FrameObserver & ~Copyable>(
    _ frame: borrowing CapturedFrame, interface: Int, observer: inout Observer
  ) {
    let packet = PacketDecoder.decode(frame)
    if control != nil, takeControl(packet, frame, interface: interface) {
      if Observer.keepsContext { observer.forgetLatest() }
      return
    }
    let role = interfaces[interface].role
    var decision = classifier.classify(packet, frame, role: role)
    decided += 1
    if learner.isActive, learn(packet, frame, decision.verdict) {
      decision = classifier.classify(packet, frame, role: role)
    }
    if policy.requiresVerifiedPeer { demandPeer(&decision, packet, frame) }
    if !classifier.allowRules.isEmpty { followPermission(&decision, packet, frame, interface: interface) }
    if isTelling(packet) { noteFact(packet, frame, interface: interface) }
    let length = max(frame.originalLength, frame.bytes.byteCount)
    interfaces[interface].count(decision.verdict.verdictClass, length, at: frame.timestamp)
    traffic.count(decision.verdict.verdictClass, 1)
    var leak: Leak?
    switch decision.verdict {
    case .tunnel(let kind):
      if decision.endpoint >= 0 {
        followSent(
          kind, packet, frame, endpoint: Int(decision.endpoint), interface: interface, length: length)
      } else {
        served.add(length)
      }
    case .ingress:
      if decision.endpoint >= 0 {
        followReceived(packet, frame, endpoint: Int(decision.endpoint), interface: interface, length: length)
      }
      if !circumstances.published.isEmpty { circumstances.noteIncoming(packet) }
    case .local(let kind):
      localCounts[Int(kind.rawValue)].add(length)
      if kind == .undeclared { undeclared.count(packet.destination, Count(frames: 1, bytes: length)) }
      if decision.isOrphan { orphanFragments += 1 }
    case .leak(let structure):
      leak = recordLeak(packet, frame, structure, decision, interface: interface, length: length)
    case .allowed(.rule(let rule)): ruleCounts[Int(rule)].add(length)
    case .allowed(.resolver(let resolver)): resolverCounts[Int(resolver)].add(length)
    }
    keep(decision, packet, frame, interface: interface)
    if let leak {
      observer.observe(
        leak: leak, frame, number: frames, isNewFinding: findings.hasNew, interface: interfaces[interface])
    }
    if Observer.isActive {
      observer.observe(
        frame, packet, decision.verdict, leak, number: frames, interface: interfaces[interface].name, policy: policy)
    }
  }

  private mutating func recordLeak(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ structure: Verdict.Structure,
    _ decision: Classifier.Decision, interface: Int, length: Int
  ) -> Leak {
    if decision.finding >= 0 {
      findings.countFragment(of: Int(decision.finding), at: frame.timestamp, length: length)
      var leak = Leak(fragmentOf: findings.list[Int(decision.finding)], source: packet.source)
      leak.phase = windows.count(length, at: frame.timestamp, tunnelMoment)
      leak.length = length
      return leak
    }
    var leak = inspector.inspect(packet, frame, structure, interface: interface)
    let bridgeFinding = attribute(&leak, packet, frame, interface: interface)
    leak.length = length
    leak.phase = windows.count(length, at: frame.timestamp, tunnelMoment)
    leak.take(circumstances.nature(packet, frame, structure, phase: leak.phase, interface: interface))
    noteFact(of: leak, packet, frame, interface: interface)
    if decision.isOrphan { orphanFragments += 1 }
    if !classifier.allowRules.isEmpty, packet.network == .ip {
      for rule in classifier.allowRules.expiredMatches(packet, frame) { expiredMatches[rule] += 1 }
    }
    let finding = findings.count(leak, at: frame.timestamp, length: length)
    if let bridgeFinding {
      findings.countEscaped(bridgeFinding, length: length)
    } else if interfaces[interface].role == .bridge {
      join.remember(packet, frame, .leak(finding: Int32(truncatingIfNeeded: finding)))
    }
    if packet.fragment == .first {
      classifier.remember(finding: Int32(finding), of: packet, decision, at: frame.timestamp)
    }
    return leak
  }

  /// Takes over endpoints that the packet teaches. True if there were any.
  private mutating func learn(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ verdict: Verdict
  ) -> Bool {
    let learned = learner.learn(
      packet, frame, verdict, frameNumber: frames, known: policy.endpoints.count)
    let new = learned.filter { candidate in
      !policy.endpoints.contains { $0.value.endpoint == candidate.value.endpoint }
    }
    guard !new.isEmpty else { return false }
    policy.endpoints += new
    tunnels += Array(repeating: TunnelTally(), count: new.count)
    sessions += Array(repeating: TunnelSession(), count: new.count)
    peerKeys += new.map { $0.value.publicKey.flatMap(PeerKey.init) }
    classifier.replaceEndpoints(policy)
    settle()
    steadyFlows = SteadyFlows()
    return true
  }
}
