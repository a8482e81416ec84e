import Audit
import Policy
import Report
import Wire

/// Collects what is to be told of the leaks of one batch. Alerts leave at the batch's end: a leak that was seen on the bridge
/// and, microseconds later, on the NIC is then told once, as escaped.
struct WatchObserver: FrameObserver {
  static var isActive: Bool { false }

  var gate: AlertGate
  private(set) var pending: [Alert] = []

  init(gate: AlertGate) { self.gate = gate }

  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {}

  mutating func observe(
    leak: Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool, interface: InterfaceTally
  ) {
    guard let alert = gate.pass(leak, frame: number, at: frame.timestamp) else { return }
    if alert.kind == .escaped, let position = pending.firstIndex(where: { $0.isContinued(by: alert) }) {
      pending[position].escape(as: alert)
    } else {
      pending.append(alert)
    }
  }

  mutating func take() -> [Alert] {
    defer { pending.removeAll(keepingCapacity: true) }
    return pending
  }
}
