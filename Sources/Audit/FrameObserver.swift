public import Policy
public import Wire

/// Told of every frame's verdict, for output per frame. An observer that is not active costs nothing.
public protocol FrameObserver: ~Copyable {
  static var isActive: Bool { get }

  /// `number` counts frames from 1 over the whole audit; `leak` is given for a leak.
  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy)
}

public struct NoObserver: FrameObserver {
  public static var isActive: Bool { false }

  public init() {}

  public mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {}
}
