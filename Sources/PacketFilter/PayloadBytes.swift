/// The values that each of a payload's first bytes may have, whatever the others are.
package struct PayloadBytes: Equatable, Sendable {
  /// How many bytes are followed. Magic numbers and versions come early in a message.
  package static var count: Int { 16 }

  private var sets: [16 of ByteSet]

  private init(_ set: ByteSet) { sets = [16 of ByteSet](repeating: set) }

  package static var all: Self { Self(.all) }
  /// No payload at all, not even an empty one.
  package static var none: Self { Self(.none) }

  /// Whether some byte has no value left, so that no payload is meant.
  package var isEmpty: Bool {
    for position in 0..<Self.count where sets[position].isEmpty { return true }
    return false
  }

  package subscript(position: Int) -> ByteSet {
    get { sets[position] }
    set { sets[position] = newValue }
  }

  package mutating func formUnion(_ other: Self) {
    if other.isEmpty { return }
    guard !isEmpty else {
      self = other
      return
    }
    for position in 0..<Self.count { sets[position].formUnion(other.sets[position]) }
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.isEmpty ? other.isEmpty : (0..<count).allSatisfy { one.sets[$0] == other.sets[$0] }
  }
}
