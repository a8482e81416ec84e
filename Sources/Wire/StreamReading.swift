/// What the beginning of a stream of bytes is, as far as it is there.
public enum StreamReading<Value: Sendable>: Sendable {
  case whole(Value)
  /// So far it is what was looked for, and more bytes must tell.
  case needsMore
  /// It is something else, whatever follows.
  case other
}
