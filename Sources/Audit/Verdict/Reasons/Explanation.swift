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
    /// What each of several statements of the policy lacks, a line for each.
    public var details: [String] = []
  }

  public var number: Int
  public var interface: String
  public var role: InterfaceRole?
  public var time: Timestamp
  public var linkType: LinkType
  public var capturedLength: Int
  public var originalLength: Int
  public var packet: DecodedPacket
  public var steps: [Step] = []
  public var verdict: Verdict
  public var leak: Leak?
  public var policy: TunnelPolicy

  /// The rule that labelled the leak; nil where the reason is the classifier's own.
  public var rule: LabelRule? {
    guard let rule = leak?.key.rule, rule >= 0 else { return nil }
    return policy.labelRules[rule]
  }
}

/// Waits for one frame, and keeps what it was. The steps of its verdict are the auditor's own (`Auditor.explain`).
public struct FrameExplainer: FrameObserver, ~Copyable {
  public static var isActive: Bool { true }

  private let wanted: Int
  fileprivate var explanation: Explanation?

  /// `number` counts from 1 over the whole input.
  public init(frame number: Int) { wanted = number }

  public mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {
    guard number == wanted else { return }
    explanation = Explanation(
      number: number, interface: interface, role: policy.roles[interface], time: frame.timestamp,
      linkType: frame.linkType, capturedLength: frame.bytes.byteCount, originalLength: frame.originalLength,
      packet: packet, verdict: verdict, leak: leak, policy: policy)
  }
}

extension Auditor {
  /// Has the steps of one frame's verdict be kept, counted from 1.
  public mutating func keepSteps(ofFrame number: Int) { wanted = (number, nil) }

  /// What became of the frame whose steps were to be kept; nil if it never came.
  public func explain(_ explainer: borrowing FrameExplainer) -> Explanation? {
    guard var explanation = explainer.explanation, let steps = wanted?.steps else { return nil }
    explanation.steps = steps
    return explanation
  }
}
