/// A set of values that a byte may have.
package struct ByteSet: Equatable, Sendable, BitwiseCopyable {
  private var words = [4 of UInt64](repeating: 0)

  package static var none: Self { Self() }
  package static var all: Self {
    var all = Self()
    all.words = [4 of UInt64](repeating: .max)
    return all
  }

  /// The bytes whose bits under a mask are those of a value.
  static func equal(to value: UInt8, under mask: UInt8) -> Self {
    if mask != .max { return Self { $0 & mask == value } }
    var one = Self()
    one.insert(value)
    return one
  }

  private init() {}

  package init(_ holds: (UInt8) -> Bool) {
    for byte in UInt8.min ... .max where holds(byte) { insert(byte) }
  }

  package var count: Int { (0..<4).reduce(0) { $0 + words[$1].nonzeroBitCount } }

  package var isEmpty: Bool { words[0] | words[1] | words[2] | words[3] == 0 }

  @inline(__always)
  package func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

  package mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

  package mutating func formUnion(_ other: Self) {
    for index in 0..<4 { words[index] |= other.words[index] }
  }

  func subtracting(_ other: Self) -> Self {
    var result = self
    for index in 0..<4 { result.words[index] &= ~other.words[index] }
    return result
  }

  package func intersection(_ other: Self) -> Self {
    var result = self
    for index in 0..<4 { result.words[index] &= other.words[index] }
    return result
  }

  package static func == (one: Self, other: Self) -> Bool { (0..<4).allSatisfy { one.words[$0] == other.words[$0] } }
}
