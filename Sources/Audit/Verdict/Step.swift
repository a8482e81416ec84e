/// A question that the contract asks about a frame, in the order of asking (CONTRACT 1 and 2).
///
/// The classifier's decision names the question that decided it; `explain` prints all questions that were asked.
public enum Step: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case tunnelInside
  // Direction.
  case recordedDirection, statedSource, statedDestination, recognisedSource, recognisedDestination
  case auditedSource, auditedDestination, notAudited
  case endpointSource, privateSource, groupDestination, privateDestination, answersFlow
  /// Only for frames without an IP header, which have no direction of their own.
  case linkProtocol
  // Verdict of an outgoing packet.
  case laterFragment, neededBytes
  case candidate, contestedCandidate
  case endpointAddress, endpointPort, endpointShape, endpointSender, junk, demandedPeer
  case tunnelAddress
  case servedPort, servedByGateway, servedSession
  case allowRule, permittedFlow
  case loopback, resolution, resolver
  case tunnelResolver
  case local, undeclared
  case sourceRoute
  /// Only for a leak.
  case control

  /// The contract's section and rule.
  public var section: String {
    switch self {
    case .recordedDirection: "1.1"
    case .statedSource, .statedDestination, .recognisedSource, .recognisedDestination: "1.2"
    case .auditedSource, .auditedDestination, .notAudited: "1.3"
    case .endpointSource, .privateSource, .groupDestination, .privateDestination: "1.4"
    case .answersFlow: "1.5"
    case .linkProtocol, .tunnelInside: "1"
    case .laterFragment, .sourceRoute, .control: "2"
    case .neededBytes: "2.1"
    case .candidate, .contestedCandidate, .endpointAddress, .endpointPort, .endpointShape, .endpointSender, .junk: "2.2"
    case .demandedPeer: "5"
    case .tunnelAddress: "2.3"
    case .servedPort, .servedByGateway, .servedSession: "2.4"
    case .allowRule, .permittedFlow: "2.5"
    case .loopback, .resolution, .resolver: "2.6"
    case .tunnelResolver: "2.7"
    case .local, .undeclared: "2.8"
    }
  }

  public var question: String {
    switch self {
    case .tunnelInside: "Is it inside the tunnel, on an interface without link-layer addresses?"
    case .recordedDirection: "Does the interface's role and the record's direction decide it?"
    case .statedSource: "Is the source's MAC address one of the audited side, as stated?"
    case .statedDestination: "Is the destination's MAC address one of the audited side, as stated?"
    case .recognisedSource: "Has the source's MAC address proved to be of the audited side?"
    case .recognisedDestination: "Has the destination's MAC address proved to be of the audited side?"
    case .auditedSource: "Is the source audited?"
    case .auditedDestination: "Is only the destination audited?"
    case .notAudited: "Is only the audited side to be judged?"
    case .endpointSource: "Does it come from an Endpoint's address and port?"
    case .privateSource: "Is the source private?"
    case .groupDestination: "Is the destination a group or broadcast?"
    case .privateDestination: "Is the destination private?"
    case .answersFlow: "Does it answer a flow that was seen going out?"
    case .linkProtocol: "Is it a protocol of the link itself, which no router passes on?"
    case .laterFragment: "Is it a later fragment whose first was seen?"
    case .neededBytes: "Does it hold all that the decision needs?"
    case .candidate: "Is it a handshake that may show where the tunnel goes?"
    case .contestedCandidate: "Does another Endpoint still answer its sender?"
    case .endpointAddress: "Is the destination an Endpoint's address?"
    case .endpointPort: "Does it go to the Endpoint's port, over its protocol?"
    case .endpointShape: "Does it have WireGuard's shape?"
    case .endpointSender: "Can the gateway have sent it (its packets have no form to recognize)?"
    case .junk: "Does it have a length that AmneziaWG sends before a handshake?"
    case .demandedPeer: "Does it belong to a handshake with the configured peer, as the policy requires?"
    case .tunnelAddress: "Is the source a tunnel address?"
    case .servedPort: "Is it WireGuard from a port that the audited side serves?"
    case .servedByGateway: "Did the gateway itself send it?"
    case .servedSession: "Does it belong to a session through that port?"
    case .allowRule: "Does an allow rule match?"
    case .permittedFlow: "Does it continue a flow that a rule allowed on the bridge?"
    case .loopback: "Is the destination a loopback address?"
    case .resolution: "Is it DNS, in clear or encrypted?"
    case .resolver: "May the resolver be asked outside the tunnel?"
    case .tunnelResolver: "Is the destination a tunnel resolver?"
    case .local: "Does it stay on the premises?"
    case .undeclared: "Does undeclared private space count as a leak?"
    case .sourceRoute: "Does its source route lead to a worse destination?"
    case .control: "Is it the control frame that the audit itself sent?"
    }
  }
}

/// Records each question and its answer.
protocol StepRecorder {
  mutating func ask(_ step: Step, _ answer: Bool) -> Bool

  /// Begins again, because the frame is classified again.
  mutating func restart()
}

/// The audit's own recorder: it keeps nothing and compiles to nothing.
struct NoSteps: StepRecorder {
  @inline(__always)
  mutating func ask(_ step: Step, _ answer: Bool) -> Bool { answer }

  @inline(__always)
  mutating func restart() {}
}
