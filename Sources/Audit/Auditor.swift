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
}
