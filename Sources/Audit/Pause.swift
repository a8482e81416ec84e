public import Wire

/// Why the auditor paused.
public enum Pause: Sendable {
  /// The source has no more frames.
  case end
  /// The requested number of frames has been audited.
  case limit
  /// The next frame is later than the given moment. What was audited is in the tallies only after a call that ends
  /// otherwise.
  case later(Timestamp)
  /// The next frame came through an interface that is not in the cursor yet.
  case newInterface
  /// The next frame's own interface, by the kernel's index, is not in the cursor yet; it is behind one of the source's.
  case newIndex(UInt32, behind: Int)
}
