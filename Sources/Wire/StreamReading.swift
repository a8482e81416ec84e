/// The result of reading the beginning of a byte stream, of which only a part may have arrived.
public enum StreamReading<Value: Sendable>: Sendable {
  case whole(Value)
  /// So far the bytes fit what was looked for, but more bytes are needed to be sure.
  case needsMore
  /// The stream is something else, whatever follows.
  case other
}
