/// A capture that is open and is not read yet: bytes from outside are looked at only when the privileges are gone.
public struct OpenedCapture: ~Copyable {
  private var capture: LiveCapture

  /// Opens the capture, which needs CAP_NET_RAW. Sizes are in bytes; the snap length does not include the cooked header.
  public init(snapLength: Int, bufferSize: Int, _ privileged: borrowing Privileged) throws(CaptureError) {
    capture = try LiveCapture(snapLength: snapLength, bufferSize: bufferSize)
  }

  /// Has the kernel count frames of flows that the audit knows, if it lets us. Returns the memory in which it does, for
  /// the audit (`Auditor.count(inKernel:)`). Comes before interfaces are selected.
  public mutating func countInKernel(_ privileged: borrowing Privileged) throws(KernelRefusal) -> OpaquePointer {
    unsafe try capture.countInKernel(privileged)
  }

  /// The same capture, to be read.
  public consuming func reading(_ unprivileged: borrowing Unprivileged) -> LiveCapture { capture }
}

extension LiveCapture: InterfaceSelection {}

extension OpenedCapture: InterfaceSelection {
  public mutating func select(_ indices: [UInt32], newerThan newest: UInt32) throws(CaptureError) {
    try capture.select(indices, newerThan: newest)
  }

  public mutating func place(_ index: UInt32, as interface: Int?) { capture.place(index, as: interface) }
}
