/// What decides which interfaces a capture takes frames from, before it is read and while it is.
public protocol InterfaceSelection: ~Copyable {
  /// Makes the kernel pass only frames of these interfaces and of all newer than `newest`: the first packet of an
  /// interface that comes back must not be missed.
  mutating func select(_ indices: [UInt32], newerThan newest: UInt32) throws(CaptureError)

  /// Says what an interface is: the number that its frames carry, or nil to skip them.
  mutating func place(_ index: UInt32, as interface: Int?)
}
