public import Policy
public import Wire

/// Everything that one audit knows: the compiled policy, and what was counted under it.
public struct Auditor: ~Copyable {
  public internal(set) var policy: TunnelPolicy
  public internal(set) var interfaces: [InterfaceTally] = []
  var roles = AuditedRoles()
  /// Active if one capture holds all of a machine's interfaces.
  var ports = BridgePorts()

  var classifier: Classifier
  var flows: KnownFlows
  var counters = TransportCounters()
  var junk = JunkRuns()
  var learner: EndpointLearner
  var control: ControlExpectation?

  var ledger: Ledger
  var leaks: LeakLog
  var origins: Origins
  var notes = AuditNotes()

  /// Whether leaks that are counted together are reported (`takeRepeats`).
  public var reportsRepeats = false
  /// The steps of one frame's verdict, if they were asked for.
  var wanted: (frame: Int, steps: [Explanation.Step]?)?

  /// With `infersEndpoints`, answered handshakes show where the tunnel goes. `foreknown`: endpoints that an earlier
  /// pass over the same frames has proven. `foreknownJunk`: frames that an initiation has explained in that pass. With
  /// them, verdicts are reported as they turned out. `seed` keeps a container from choosing collisions in the tables;
  /// pass a fixed one only in tests.
  public init(
    _ policy: TunnelPolicy, infersEndpoints: Bool = false, foreknown: [Endpoint] = [], foreknownJunk: [Int]? = nil,
    seed: UInt64 = .random(in: .min ... .max)
  ) {
    self.policy = policy
    classifier = Classifier(policy, infersEndpoints: infersEndpoints, seed: seed)
    classifier.candidates.foreknown = foreknown
    junk.foreknown = foreknownJunk.map { Set($0) }
    flows = KnownFlows(seed: seed)
    learner = EndpointLearner(policy)
    ledger = Ledger(policy)
    leaks = LeakLog(policy, seed: seed)
    origins = Origins(policy, seed: seed)
    setDirectory(OriginDirectory(policy.containers.map(\.value)))
  }

  /// Endpoints given by name for which no DNS answer gave an address: without it their packets cannot be judged. Empty
  /// if an answer may have been forgotten in a flood: then the summary says that.
  public var unansweredEndpoints: [Stated<NamedEndpoint>] { learner.hasForgotten ? [] : learner.unanswered }

  /// Frames audited so far; each is in exactly one class.
  public var frames: Int { ledger.frames }

  public var leaksSoFar: Int {
    interfaces.reduce(0) { $0 + $1.counts[.leak].frames }
      + classifier.candidates.unproven.reduce(0) { $0 + $1.pendingFrames }
      - presumed.reduce(0) { $0 + classifier.candidates.list[$1].pendingFrames }
      + junk.waiting.count
  }

  /// Adds an interface and returns its number.
  public mutating func attach(_ interface: InterfaceTally) -> Int {
    interfaces.append(interface)
    roles.note(interface.role)
    noteRoles()
    return interfaces.count - 1
  }

  private mutating func noteRoles() { classifier.joinsInterfaces = roles.joinsInterfaces }

  func audits(_ role: InterfaceRole) -> Bool { roles.audits(role) }

  /// Whether bridges are audited as soon as they carry traffic. Until then, unmatched traffic of the NIC counts as the
  /// host's.
  public var awaitsBridges: Bool {
    get { roles.awaitsBridges }
    set {
      roles.awaitsBridges = newValue
      noteRoles()
    }
  }

  /// Whether frames of several captures are merged: then one capture may matter before the other's first frame.
  public var mergesCaptures: Bool {
    get { roles.mergesCaptures }
    set {
      roles.mergesCaptures = newValue
      noteRoles()
    }
  }

  /// Whether one capture holds all of a machine's interfaces: then ports of a bridge are reported.
  public var holdsAllInterfaces: Bool {
    get { ports.isActive }
    set { ports.isActive = newValue }
  }

  /// Sets an interface's prefixes: a packet that comes from it with any other address is reported.
  public mutating func setPrefixes(_ prefixes: [IPPrefix], of interface: Int) {
    classifier.setPrefixes(prefixes, of: interface)
  }

  /// Sets an interface's role towards the audited side, once it is known.
  public mutating func setRole(_ role: InterfaceRole, on interface: Int) {
    guard interfaces[interface].role != role else { return }
    // What was decided under the old role must be decided anew.
    forgetFlows()
    interfaces[interface].role = role
    roles.forget()
    for interface in interfaces { roles.note(interface.role) }
    noteRoles()
  }

  public mutating func setDrops(_ drops: UInt64, on interface: Int) { interfaces[interface].drops = drops }
}
