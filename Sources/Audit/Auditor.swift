public import Policy
public import Wire

/// Everything that one audit knows: the policy compiled, and what was counted under it.
public struct Auditor: ~Copyable {
  public internal(set) var policy: TunnelPolicy
  public internal(set) var interfaces: [InterfaceTally] = []
  /// Frames audited.
  var decided = 0
  var classifier: Classifier
  var tunnels: [TunnelTally]
  var findings = Findings()
  var localCounts = [9 of Count](repeating: Count())
  var undeclared = UndeclaredPrefixes()
  var served = Count()
  /// Handshakes with endpoints that gave way to others before anybody answered.
  var unansweredElsewhere = Count()
  var ruleCounts: [Count]
  var resolverCounts: [Count]
  /// Control frames that would have been leaks.
  var controlCount = Count()
  /// How many packets an expired allow rule would have allowed.
  var expiredMatches: [Int]
  var orphanFragments = 0
  var flows: KnownFlows
  var counters = TransportCounters()
  var junk = JunkRuns()
  var windows = LeakWindows()
  var join: FlowJoin
  var tenants: LinkTenants
  /// Asked for where one capture holds all of a machine's interfaces.
  var ports = BridgePorts()
  var directory = OriginDirectory()
  /// Whether bridges are audited as soon as they have something to say: until then, too, the host's traffic is its own.
  public var awaitsBridges = false { didSet { noteRoles() } }
  /// Whether one capture holds all of a machine's interfaces: then ports of a bridge are told.
  public var holdsAllInterfaces: Bool {
    get { ports.isActive }
    set { ports.isActive = newValue }
  }
  /// Whether frames of several captures are merged: what one has shown may matter before the other's first frame.
  public var mergesCaptures = false { didSet { noteRoles() } }
  /// Whether an interface has that role: asked with every leak, and of any number of interfaces.
  private var hasBridge = false
  private var hasNIC = false
  var timeline = Timeline()
  var traffic = Traffic()
  var control: ControlExpectation?
  var inspector: LeakInspector
  /// Whether leaks that are counted together are told (`takeRepeats`).
  public var tellsRepeats = false
  var repeats: [LeakRepeat] = []
  var circumstances: LeakCircumstances
  var facts = WireFacts()
  var hostLookups = HostLookups()
  var learner: EndpointLearner

  /// The steps of one frame's verdict, where they are asked for.
  var wanted: (frame: Int, steps: StepList?)?

  /// With `infersEndpoints` handshakes that are answered show where the tunnel goes. `foreknown`: endpoints that an earlier
  /// reading of the same frames has proven, and `foreknownJunk`: frames that an initiation has explained, so that verdicts are
  /// told as they turned out.
  /// `seed` keeps a container from choosing collisions in the tables; pass a fixed one only in tests.
  public init(
    _ policy: TunnelPolicy, infersEndpoints: Bool = false, foreknown: [Endpoint] = [], foreknownJunk: [Int]? = nil,
    seed: UInt64 = .random(in: .min ... .max)
  ) {
    self.policy = policy
    classifier = Classifier(policy, infersEndpoints: infersEndpoints, seed: seed)
    classifier.candidates.foreknown = foreknown
    junk.foreknown = foreknownJunk.map { Set($0) }
    tunnels = Array(repeating: TunnelTally(), count: policy.endpoints.count)
    ruleCounts = Array(repeating: Count(), count: policy.allowRules.count)
    resolverCounts = Array(repeating: Count(), count: policy.resolvers.count)
    expiredMatches = Array(repeating: 0, count: policy.allowRules.count)
    join = FlowJoin(seed: seed)
    flows = KnownFlows(seed: seed)
    tenants = LinkTenants(policy)
    inspector = LeakInspector(policy.labelRules)
    circumstances = LeakCircumstances(policy, seed: seed)
    learner = EndpointLearner(policy)
    setDirectory(OriginDirectory(policy.containers.map(\.value)))
  }

  /// Endpoints given by name whose address no DNS answer told: without it their packets cannot be judged.
  /// None where an answer may have been among what a flood made it forget: then the summary says that.
  public var unansweredEndpoints: [Stated<NamedEndpoint>] { learner.hasForgotten ? [] : learner.unanswered }

  /// Frames audited so far; each is in exactly one class.
  public var frames: Int { decided }

  public var leaksSoFar: Int {
    interfaces.reduce(0) { $0 + $1.counts[.leak].frames }
      + classifier.candidates.unproven.reduce(0) { $0 + $1.pendingFrames }
      - presumed.reduce(0) { $0 + classifier.candidates.list[$1].pendingFrames }
      + junk.waiting.count
  }

  /// Adds an interface and returns its number.
  public mutating func attach(_ interface: InterfaceTally) -> Int {
    interfaces.append(interface)
    note(interface.role)
    return interfaces.count - 1
  }

  /// Tells the classifier whether a packet can be seen on a bridge and on a NIC.
  private mutating func noteRoles() {
    classifier.joinsInterfaces = mergesCaptures || audits(.bridge) && audits(.nic)
  }

  private mutating func note(_ role: InterfaceRole?) {
    switch role {
    case .bridge: hasBridge = true
    case .nic: hasNIC = true
    case nil: break
    }
    noteRoles()
  }

  func audits(_ role: InterfaceRole) -> Bool {
    switch role {
    case .bridge: hasBridge || awaitsBridges
    case .nic: hasNIC
    }
  }

  /// Says which prefixes an interface has: a packet that comes from it under any other address is told.
  public mutating func setPrefixes(_ prefixes: [IPPrefix], of interface: Int) {
    classifier.setPrefixes(prefixes, of: interface)
  }

  /// Says what an interface is to the audited side, once it is known.
  public mutating func setRole(_ role: InterfaceRole, on interface: Int) {
    guard interfaces[interface].role != role else { return }
    // What was decided under the old role is decided anew.
    forgetFlows()
    interfaces[interface].role = role
    (hasBridge, hasNIC) = (false, false)
    for interface in interfaces { note(interface.role) }
  }

  public mutating func setDrops(_ drops: UInt64, on interface: Int) { interfaces[interface].drops = drops }

  /// Audits one frame: decodes, decides and counts it in exactly one class.
  mutating func record<Observer: FrameObserver & ~Copyable>(
    _ frame: borrowing CapturedFrame, interface: Int, observer: inout Observer
  ) {
    let packet = PacketDecoder.decode(frame)
    let place = Place(interface, interfaces[interface].role)
    let epoch = classifier.stations.epoch
    decided += 1
    if ports.isActive { ports.note(frame, at: place) }
    var decision = classify(packet, frame, at: place)
    if decision.candidate >= 0, followCandidate(decision, packet, frame, at: place) {
      decision = classify(packet, frame, at: place)
    }
    if decision.showsOpenVPN {
      chooseOpenVPN(packet, frame, at: place)
      decision = classify(packet, frame, at: place)
    }
    if !classifier.candidates.evicted.isEmpty { takeEvicted() }
    if classifier.candidates.isActive, comesBack(packet, frame, decision) {
      let known = policy.endpoints.count
      followAnswer(packet, frame, decision, interface: interface)
      if policy.endpoints.count > known {
        decision = classify(packet, frame, at: place)
        // The candidate's tally has it.
        decision.endpoint = -1
      }
    }
    if control?.take(packet, frame, interface: interface, decision.verdict) == true {
      // Whoever audits sent it, and asked for that.
      if case .leak = decision.verdict { decision.verdict = .allowed(.control) }
      decision.isForeign = false
      if Observer.keepsContext { observer.forgetLatest() }
    }
    if classifier.stations.epoch != epoch { forgetFlows() }
    if learner.isActive { learn(packet, frame, decision, at: place) }
    if isTelling(packet) { noteFact(packet, frame, interface: interface) }
    let length = max(frame.originalLength, frame.bytes.byteCount)
    var leak: Leak?
    if !junk.waiting.isEmpty { expireJunk(at: frame.timestamp) }
    if decision.mayBeJunk {
      if let foreknown = junk.foreknown {
        if foreknown.contains(frames) { decision.verdict = .tunnel(.junk) }
      } else {
        leak = holdJunk(decision, packet, frame, at: place, length: length)
      }
    }
    if decision.candidate >= 0 { leak = countCandidate(decision, packet, frame, at: place, length: length) }
    // What waits for its candidate to be proven is in the tallies when that is decided.
    let isPending = leak != nil
    if !isPending {
      interfaces[interface].count(decision.verdict.verdictClass, length, at: frame.timestamp)
      traffic.count(decision.verdict.verdictClass, 1)
    }
    let foreign = decision.isForeign ? noteForeign(packet, frame, at: place) : -1
    switch decision.verdict {
    case .tunnel(let kind):
      if decision.endpoint >= 0 {
        if tenants.isActive, place.role == .nic { tenants.noteTunnel(packet, frame) }
        if kind == .initiation, !junk.waiting.isEmpty {
          explainJunk(packet, at: frame.timestamp, interface: interface)
        }
        followSent(
          kind, packet, frame, endpoint: Int(decision.endpoint), interface: interface, length: length)
      } else if kind == .served || decision.candidate < 0 {
        served.add(length)
      }
    case .ingress:
      if decision.endpoint >= 0 {
        followReceived(packet, frame, endpoint: Int(decision.endpoint), interface: interface, length: length)
      }
      if classifier.candidates.isActive { followAnswer(packet, frame, decision, interface: interface) }
      if !circumstances.published.isEmpty { circumstances.noteIncoming(packet) }
    case .inner: break
    case .local(let kind):
      localCounts[Int(kind.rawValue)].add(length)
      if kind == .undeclared { undeclared.count(packet.destination, Count(frames: 1, bytes: length)) }
      if decision.isOrphan { orphanFragments += 1 }
    case .leak where isPending: break
    case .leak(let structure):
      leak = recordLeak(packet, frame, structure, decision, interface: interface, length: length)
    case .allowed(.rule(let rule)): ruleCounts[Int(rule)].add(length)
    case .allowed(.resolver(let resolver)): resolverCounts[Int(resolver)].add(length)
    case .allowed(.control): controlCount.add(length)
    }
    if let leak, !isPending {
      keepLeak(leak, packet, frame, decision, interface: interface, foreign: foreign)
    } else if decision.candidate < 0 {
      keep(decision, packet, frame, interface: interface, foreign: foreign)
    }
    if let leak {
      observer.observe(
        leak: leak, frame, number: frames, isNewFinding: !isPending && findings.hasNew, interface: interfaces[interface]
      )
    }
    if Observer.isActive {
      observer.observe(
        frame, packet, decision.verdict, leak, number: frames, interface: interfaces[interface].name, policy: policy)
    }
  }

  /// Counts a leak, to the destination that makes it one.
  @inline(never)
  private mutating func recordLeak(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ structure: Verdict.Structure,
    _ decision: Classifier.Decision, interface: Int, length: Int
  ) -> Leak {
    guard decision.hop >= 0 else {
      return countLeak(packet, frame, structure, decision, interface: interface, length: length)
    }
    var routed = packet
    routed.destination = SourceRoute(packet, frame)[Int(decision.hop)]
    return countLeak(routed, frame, structure, decision, interface: interface, length: length)
  }

  private mutating func countLeak(
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
    noteVictim(packet, frame, interface: interface)
    leak.length = length
    leak.phase = windows.count(length, at: frame.timestamp, tunnelMoment)
    leak.take(circumstances.nature(packet, frame, structure, phase: leak.phase, interface: interface))
    noteFact(of: leak, packet, frame, interface: interface)
    if decision.isOrphan { orphanFragments += 1 }
    if !classifier.allowRules.isEmpty, packet.network == .ip {
      for rule in classifier.allowRules.expiredMatches(
        packet, frame, Place(interface, interfaces[interface].role))
      { expiredMatches[rule] += 1 }
    }
    let finding = findings.count(leak, at: frame.timestamp, length: length)
    leak.finding = finding
    leak.continued = bridgeFinding
    if let bridgeFinding {
      findings.countEscaped(bridgeFinding, Count(frames: 1, bytes: length))
    } else if interfaces[interface].role == .bridge {
      join.remember(packet, frame, finding: Int32(truncatingIfNeeded: finding))
    }
    if packet.fragment == .first {
      classifier.remember(
        finding: Int32(truncatingIfNeeded: finding), of: packet, decision, interface: interface, at: frame.timestamp)
    }
    return leak
  }

  /// Names a leak that is counted elsewhere.
  mutating func inspect(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ structure: Verdict.Structure, at place: Place,
    length: Int
  ) -> Leak {
    var leak = inspector.inspect(packet, frame, structure, interface: place.interface)
    _ = attribute(&leak, packet, frame, interface: place.interface)
    leak.length = length
    return leak
  }

  private mutating func classify(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, at place: Place
  ) -> Classifier.Decision {
    guard wanted?.frame == frames else { return classifier.classify(packet, frame, at: place) }
    var steps = StepList()
    let decision = classifier.classify(packet, frame, at: place, &steps)
    wanted?.steps = steps
    return decision
  }
}
