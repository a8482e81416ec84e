public import Policy
public import Wire

public struct NoObserver: FrameObserver {
  public static var isActive: Bool { false }

  public init() {}

  public mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {}
}
