import Audit
import Policy
import Wire

/// Compares what an audit reports about its frames with what its summary counts.
struct FrameLedger: FrameObserver, ~Copyable {
  static var isActive: Bool { true }
  static var keepsContext: Bool { true }

  /// Frames of each class on each interface.
  private(set) var classes: [String: [VerdictClass: Int]] = [:]
  private(set) var observed = 0
  /// Frames from the sources, without the audit's own.
  private(set) var kept = 0
  /// The audit's own.
  private(set) var forgotten = 0
  private(set) var leaks = 0
  /// Leaks that would be none if their candidate Endpoint is proven, by candidate and interface.
  private(set) var pending: [Int: [String: Int]] = [:]
  /// How many frames the alerts so far report.
  private(set) var alerted = 0
  private var gate = AlertGate(scope: .all)
  private var context = ContextRing(slots: 4, captureLimit: 64)

  mutating func keep(_ frame: borrowing CapturedFrame) {
    kept += 1
    context.keep(frame)
  }

  mutating func forgetLatest() {
    kept -= 1
    forgotten += 1
    context.forgetLatest()
  }

  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {
    observed += 1
    classes[interface, default: [:]][verdict.verdictClass, default: 0] += 1
  }

  mutating func observe(
    leak: Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool, interface: InterfaceTally
  ) {
    leaks += 1
    if leak.candidate > 0 { pending[leak.candidate, default: [:]][interface.name, default: 0] += 1 }
    if let alert = gate.pass(leak, frame: number, at: frame.timestamp) { alerted += alert.count.frames }
    if leaks % 7 == 0 { sumUp() }
    if leaks % 16 == 0 { _ = context.drain(exceptLatest: 1) }
  }

  mutating func sumUp() { alerted += gate.sumUp().reduce(0) { $0 + $1.count.frames } }
}
