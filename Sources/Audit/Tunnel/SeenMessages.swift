import Wire

/// Messages of a tunnel as several interfaces showed them.
struct SeenMessages: Sendable, BitwiseCopyable {
  /// Counted on each interface.
  var seen: UInt64 = 0
  /// Counted once, whichever interfaces showed them.
  var distinct: UInt64 = 0
  /// Whether both counts are known to be right.
  var isWhole = true

  mutating func add(_ other: Self) {
    seen = seen.addingSaturating(other.seen)
    distinct = distinct.addingSaturating(other.distinct)
    isWhole = isWhole && other.isWhole
  }
}
