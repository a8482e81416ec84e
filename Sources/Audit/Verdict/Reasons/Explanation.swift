public import Policy
public import Wire

/// How one frame was decided by the contract, step by step, with the reason for each answer.
public struct Explanation: Sendable {
  /// A question of the contract, and its answer.
  public struct Step: Sendable {
    /// The section and the numbered rule of the contract.
    public var section: String
    public var question: String
    public var answer: Bool
    /// What answered it in the packet or in the policy (with file and line); empty if there is nothing to add.
    public var because: String
    /// What several of the policy's statements lack, a line for each.
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

  /// The rule that labelled the leak; nil if the classifier itself gave the reason.
  public var rule: LabelRule? {
    guard let rule = leak?.key.rule, rule >= 0 else { return nil }
    return policy.labelRules[rule]
  }
}

extension Auditor {
  /// Keeps the steps of one frame's verdict, counted from 1.
  public mutating func keepSteps(ofFrame number: Int) { wanted = (number, nil) }

  /// The explanation of the frame whose steps were kept; nil if it never came.
  public func explain(_ explainer: borrowing FrameExplainer) -> Explanation? {
    guard var explanation = explainer.explanation, let steps = wanted?.steps else { return nil }
    explanation.steps = steps
    return explanation
  }
}
