public import Policy
public import Wire

/// One frame's way through the contract, step by step, with what answered each.
public struct Explanation: Sendable {
  /// A question of the contract, and its answer.
  public struct Step: Sendable {
    /// Where it is asked: the section, and its numbered rule.
    public var section: String
    public var question: String
    public var answer: Bool
    /// What in the packet or in the policy (with its file and line) answered it; empty where there is nothing to add.
    public var because: String
  }

  public var number: Int
  public var interface: String
  public var role: InterfaceRole?
  public var time: Timestamp
  public var linkType: LinkType
  public var capturedLength: Int
  public var originalLength: Int
  public var packet: DecodedPacket
  public var steps: [Step]
  public var verdict: Verdict
  public var leak: Leak?
  public var policy: TunnelPolicy

  /// The rule that labelled the leak; nil where the reason is the classifier's own.
  public var rule: LabelRule? {
    guard let rule = leak?.key.rule, rule >= 0 else { return nil }
    return policy.labelRules[rule]
  }
}

/// Follows an audit frame by frame, and explains one of them.
///
/// What a verdict needs to know of earlier packets it keeps in a classifier of its own, which sees every frame as the
/// auditor's does.
public struct FrameExplainer: FrameObserver, ~Copyable {
  public static var isActive: Bool { true }

  private let wanted: Int
  private var classifier: Classifier
  private var endpoints: Int
  public private(set) var explanation: Explanation?

  /// `number` counts from 1 over the whole input.
  public init(frame number: Int, _ policy: TunnelPolicy) {
    wanted = number
    classifier = Classifier(policy, seed: 0)
    endpoints = policy.endpoints.count
    classifier.allowRules.directory = OriginDirectory(policy.containers.map(\.value))
  }

  public mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {
    guard number <= wanted else { return }
    if policy.endpoints.count != endpoints {
      endpoints = policy.endpoints.count
      classifier.replaceEndpoints(policy)
    }
    let role = policy.roles[interface]
    if number == wanted {
      var steps = classifier.explain(packet, frame, role: role, policy)
      if policy.requiresVerifiedPeer, verdict == .leak(.notWireGuard), steps.last?.answer == true {
        steps.append(
          .init(
            section: "5", question: "Is the handshake meant for the configured peer, as the policy requires?",
            answer: false,
            because: "its mac1 fits another key"))
      }
      explanation = Explanation(
        number: number, interface: interface, role: role, time: frame.timestamp, linkType: frame.linkType,
        capturedLength: frame.bytes.byteCount, originalLength: frame.originalLength, packet: packet,
        steps: steps, verdict: verdict, leak: leak, policy: policy)
    }
    _ = classifier.classify(packet, frame, role: role)
  }
}
