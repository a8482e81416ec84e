public import Policy
public import Wire

/// Waits for one frame and keeps what is known of it. The auditor itself keeps the steps of its verdict
/// (`Auditor.explain`).
public struct FrameExplainer: FrameObserver, ~Copyable {
  public static var isActive: Bool { true }

  private let wanted: Int
  var explanation: Explanation?

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
