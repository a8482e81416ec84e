import Wire

/// What a capture on an interface has counted since it began. Nil means not known.
public struct CaptureCounts: Hashable, Sendable {
  /// Frames that arrived (isb_ifrecv).
  public var received: UInt64?
  /// Frames that the interface dropped because it had no room (isb_ifdrop).
  public var interfaceDrops: UInt64?
  /// Frames that the operating system dropped (isb_osdrop).
  public var systemDrops: UInt64?
  /// Frames that reached the capturing program (isb_usrdeliv).
  public var delivered: UInt64?

  public init(
    received: UInt64? = nil, interfaceDrops: UInt64? = nil, systemDrops: UInt64? = nil, delivered: UInt64? = nil
  ) {
    self.received = received
    self.interfaceDrops = interfaceDrops
    self.systemDrops = systemDrops
    self.delivered = delivered
  }
}
