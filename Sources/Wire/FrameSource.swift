/// Where frames come from: a savefile or a live capture.
///
/// `advance` moves to the next frame and `frame` lends it; the compiler forbids moving on while the
/// frame is still in use. They are separate so that sources can be merged by the time of their next frame.
public protocol FrameSource: ~Copyable {
  associatedtype Failure: Error

  /// Moves to the next frame. Returns false at the end of the source; throws if the source is damaged.
  mutating func advance() throws(Failure) -> Bool

  /// The frame that the last successful `advance` moved to.
  var frame: CapturedFrame { @_lifetime(borrow self) get }

  /// The frame's number in the source, starting at 1. As in Wireshark, frames that are left out count, too. 0 in a
  /// source without an order of its own. It is kept outside the frame, because a copy with every frame costs time.
  var number: Int { get }
}

extension FrameSource where Self: ~Copyable {
  public var number: Int { 0 }
}
