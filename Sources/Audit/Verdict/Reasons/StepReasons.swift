import Policy
import Wire

/// Gives the reasons for one decision's answers: facts about the packet, and the policy's statements with their places.
///
/// Made while the frame is still there, from what the classifier itself looked at. Owned; only for a frame that the
/// user asks about.
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

  /// The packet's bytes behind its headers.
  struct Payload {
    /// The first four bytes, as far as captured, and the number of captured bytes.
    var start: [UInt8] = []
    var captured = 0
    /// The kind of message, by the rules of the Endpoint that it goes to; nil if it is none.
    var kind: TunnelKind?
    /// Whether its mac1 is made with the Endpoint's key; nil if that cannot be known.
    var isForPeer: Bool?
    /// What an ICMP error quotes.
    var quoted: DecodedPacket?
    /// Destinations of its source route; nil if it cannot be read.
    var route: [IPAddress]? = []
    /// For a frame without an IP header: the protocol that its link header names.
    var etherType: EtherType?
  }

  /// What the audit knew from the policy and from other packets.
  struct Known {
    var gateway: [String] = []
    /// Whether the gateway sent the packet; nil if that cannot be known.
    var isGateways: Bool?
    var owners: [String] = []
    /// Whether audited stations send through the source's station.
    var isNextHop = false
    /// Whether a station that the policy names was seen on the interface: then only the policy's statements count.
    var hasStatedStation = false
    /// Whether the packet leaves the premises, so that it is ingress for nobody.
    var leaves = false
    /// The Endpoint that the sender's tunnel goes to.
    var currentEndpoint: Endpoint?
    /// Whether a later frame explains the packet; nil if no later frame was looked at.
    var isExplained: Bool?
    /// Whether outgoing flows or first fragments had to be forgotten.
    var forgets = (flows: false, fragments: false)
    /// Why each allow rule does not match.
    var failures: [String] = []
  }

  /// The answered steps, each with its reason.
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
    case .recognisedSource: recognisedSource(answer)
    case .recognisedDestination: recognisedDestination(answer)
    case .auditedSource: audited(packet.source)
    case .auditedDestination: audited(packet.destination)
    case .notAudited: notAudited(answer)
    case .endpointSource: endpointSource(answer)
    case .privateSource: premises(packet.source)
    case .privateDestination: premises(packet.destination)
    case .groupDestination: answer ? meaning : "\(meaning), not a group"
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

  /// Inserts the resulting direction after the last question about it.
  private func addDirection(_ list: inout [Explanation.Step], _ asked: [(step: Step, answer: Bool)]) {
    guard let last = asked.lastIndex(where: { $0.step.section.hasPrefix("1.") }) else { return }
    list.insert(
      .init(
        section: asked[last].step.section, question: "Is it egress?", answer: decision.verdict != .ingress,
        because: ""),
      at: last + 1)
  }
}
