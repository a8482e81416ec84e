public import Audit
public import Policy
public import Wire

/// Passes an audit's leaks to a gate, as a watch does.
public struct AlertTeller: FrameObserver {
  public static var isActive: Bool { false }
  public var gate: AlertGate
  public var atOnce: [Alert] = []
  /// Who sent a leak.
  public var senders: (Leak) -> [LeakSender] = { _ in [] }

  public init(_ gate: AlertGate) { self.gate = gate }

  public mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {}

  public mutating func observe(
    leak: Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool, interface: InterfaceTally
  ) {
    if let alert = gate.pass(leak, frame: number, at: frame.timestamp, from: senders(leak)) { atOnce.append(alert) }
  }
}
