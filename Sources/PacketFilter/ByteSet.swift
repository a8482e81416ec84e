/// A set of the 256 values that a payload's first byte may have.
package struct ByteSet: Equatable, Sendable, BitwiseCopyable {
  private var words = [4 of UInt64](repeating: 0)

  package static var none: Self { Self() }
  package static var all: Self { Self { _ in true } }

  private init() {}

  package init(_ holds: (UInt8) -> Bool) {
    for byte in UInt8.min ... .max where holds(byte) { insert(byte) }
  }

  package var isEmpty: Bool { words[0] | words[1] | words[2] | words[3] == 0 }

  @inline(__always)
  package func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

  package mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

  package mutating func formUnion(_ other: Self) {
    for index in 0..<4 { words[index] |= other.words[index] }
  }

  package func intersection(_ other: Self) -> Self {
    var result = self
    for index in 0..<4 { result.words[index] &= other.words[index] }
    return result
  }

  package static func == (one: Self, other: Self) -> Bool { (0..<4).allSatisfy { one.words[$0] == other.words[$0] } }
}
