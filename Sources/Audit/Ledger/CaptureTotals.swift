import Policy
import Wire

/// What a live capture received and lost as a whole, in frames.
public struct CaptureTotals: Hashable, Sendable {
  public var received: UInt64
  public var dropped: UInt64

  public init(received: UInt64, dropped: UInt64) {
    self.received = received
    self.dropped = dropped
  }
}
