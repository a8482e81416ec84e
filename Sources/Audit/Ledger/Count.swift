import Policy
import Wire

/// Frames and their original lengths in bytes.
public struct Count: Hashable, Sendable, BitwiseCopyable {
  public var frames = 0
  public var bytes = 0

  public init(frames: Int = 0, bytes: Int = 0) {
    self.frames = frames
    self.bytes = bytes
  }

  mutating func add(_ length: Int) {
    frames += 1
    bytes &+= length
  }

  public static func + (left: Self, right: Self) -> Self {
    Self(frames: left.frames + right.frames, bytes: left.bytes &+ right.bytes)
  }
}
