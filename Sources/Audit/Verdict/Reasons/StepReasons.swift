import Policy
import Wire

/// What answered the steps of one decision: facts of the packet, and statements of the policy with their places.
///
/// Made while the frame is still there, and of what the classifier itself looked at. Owned; only for a frame that is asked about.
struct StepReasons {
  let packet: DecodedPacket
  let interface: String
  let role: InterfaceRole?
  let recorded: RecordDirection
  let link: LinkAddresses?
  let policy: TunnelPolicy
  let decision: Classifier.Decision
  var payload = Payload()
  var known = Known()

  /// What the packet holds behind its headers.
  struct Payload {
    /// Its first four bytes, as far as they were captured, and how many were.
    var start: [UInt8] = []
    var captured = 0
    /// Which message it is of the Endpoint's that it goes to; nil for none.
    var kind: TunnelKind?
    /// Whether its mac1 is of the Endpoint's key; nil where that cannot be told.
    var isForPeer: Bool?
    /// What an ICMP error quotes.
    var quoted: DecodedPacket?
    /// Destinations of its source route; nil where it cannot be read.
    var route: [IPAddress]? = []
    /// Of a frame without an IP header, what its link header says of the rest.
    var etherType: EtherType?
  }

  /// What the audit knew of others.
  struct Known {
    var gateway: [String] = []
    /// Whether the gateway sent the packet; nil where nothing tells.
    var isGateways: Bool?
    var owners: [String] = []
    /// Whether audited stations send through the source's.
    var isNextHop = false
    /// Whether what the packet shows of its sender counts, beside stations that the policy states.
    var hasStatedStation = false
    /// Whether the packet leaves the premises, so that it comes in to nobody.
    var leaves = false
    /// The Endpoint that the sender's tunnel goes to.
    var currentEndpoint: Endpoint?
    /// Whether a later frame explains the packet; nil where none was looked at.
    var isExplained: Bool?
    /// Whether flows that went out, and first fragments, had to be forgotten.
    var forgets = (flows: false, fragments: false)
    /// Why each allow rule does not match.
    var failures: [String] = []
  }

  /// The steps as they were answered, each with its reason.
  func told(_ asked: [(step: Step, answer: Bool)]) -> [Explanation.Step] {
    var steps = asked.map { step, answer in
      Explanation.Step(
        section: step.section, question: step.question, answer: answer, because: text(step, answer),
        details: step == .allowRule && !answer ? known.failures : [])
    }
    if packet.network == .ip { addDirection(&steps, asked) }
    if let note = unaskedRules(asked), !steps.isEmpty { steps[steps.count - 1].details.append(note) }
    return steps
  }

  private func text(_ step: Step, _ answer: Bool) -> String {
    switch step {
    case .tunnelInside: inside(answer)
    case .recordedDirection: record(answer)
    case .statedSource: statedStation(link?.source)
    case .statedDestination: statedStation(link?.destination)
    case .takenSource: takenSource(answer)
    case .takenDestination: takenDestination(answer)
    case .auditedSource: audited(packet.source)
    case .auditedDestination: audited(packet.destination)
    case .notAudited: notAudited(answer)
    case .endpointSource: endpointSource(answer)
    case .privateSource: premises(packet.source)
    case .privateDestination: premises(packet.destination)
    case .groupDestination: answer ? meaning : "\(meaning), no group"
    case .answersFlow: answersFlow(answer)
    case .linkProtocol: linkProtocol(answer)
    case .laterFragment: laterFragment(answer)
    case .neededBytes: missingBytes
    case .candidate: candidate
    case .contestedCandidate: contested(answer)
    case .endpointAddress: endpointAddress(answer)
    case .endpointPort: answer ? endpoint() : otherPort(packet.destination, packet.destinationPort)
    case .endpointShape: endpointShape(answer)
    case .endpointSender: sender(answer)
    case .junk: junk(answer)
    case .demandedPeer: demandedPeer(answer)
    case .tunnelAddress: tunnelAddress
    case .servedPort: servedPort(answer)
    case .servedByGateway: sender(answer)
    case .servedSession: servedSession(answer)
    case .allowRule: allowRule(answer)
    case .permittedFlow: permittedFlow(answer)
    case .loopback: meaning
    case .resolution: resolution(answer)
    case .resolver: resolver
    case .tunnelResolver: tunnelResolver
    case .local: local(answer)
    case .undeclared: undeclared(answer)
    case .sourceRoute: sourceRoute(answer)
    case .control: "it is the control packet that this audit was told to wait for"
    }
  }

  /// Says after the last question of direction what it comes to.
  private func addDirection(_ list: inout [Explanation.Step], _ asked: [(step: Step, answer: Bool)]) {
    guard let last = asked.lastIndex(where: { $0.step.section.hasPrefix("1.") }) else { return }
    list.insert(
      .init(
        section: asked[last].step.section, question: "Is it egress?", answer: decision.verdict != .ingress,
        because: ""),
      at: last + 1)
  }
}
