public import Policy
public import Wire

/// Receives every frame's verdict, for output per frame, or leaks alone. An observer that is not active costs nothing
/// on frames that do not leak.
public protocol FrameObserver: ~Copyable {
  static var isActive: Bool { get }

  /// `number` counts frames from 1 over the whole audit; `leak` is given for a leak.
  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy)

  /// Called before a frame with its position in its file, from 1 on, as Wireshark counts; 0 if there is none.
  mutating func reach(inFile number: Int)

  /// Whether `keep` is to be called.
  static var keepsContext: Bool { get }

  /// Lends every frame before it is audited: as context for a leak that may come next. No allocation.
  mutating func keep(_ frame: borrowing CapturedFrame)

  /// Drops the latest frame: it is the auditor's own, and not context.
  mutating func forgetLatest()

  /// Receives each leak while its frame is still there; `isNewFinding` says whether it is the first of its finding.
  mutating func observe(
    leak: borrowing Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool,
    interface: InterfaceTally)

  /// Whether each leak of a severity must be reported with its frame. If not, leaks like an earlier one may be reported
  /// together, as a number (`Auditor.takeRepeats`).
  func wantsFrame(of severity: Severity) -> Bool
}

extension FrameObserver where Self: ~Copyable {
  public func wantsFrame(of severity: Severity) -> Bool { false }

  public mutating func reach(inFile number: Int) {}

  public static var keepsContext: Bool { false }

  public mutating func keep(_ frame: borrowing CapturedFrame) {}

  public mutating func forgetLatest() {}

  public mutating func observe(
    leak: borrowing Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool, interface: InterfaceTally
  ) {}
}
