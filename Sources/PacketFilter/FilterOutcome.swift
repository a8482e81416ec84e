/// Which first bytes of a payload are possible: a set of 256.
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

/// What a filter says of all packets of which only some bytes are known.
package struct FilterOutcome: Equatable, Sendable {
  /// The first bytes of a payload with which it may match; empty: it never does.
  package var mayMatch = ByteSet.none
  /// Whether it matches whatever the rest of the packet holds.
  package var isCertain = false
  /// Whether it says the same of all packets of one flow.
  package var isOfFlow = false

  package init(mayMatch: ByteSet = .none, isCertain: Bool = false, isOfFlow: Bool = false) {
    self.mayMatch = mayMatch
    self.isCertain = isCertain
    self.isOfFlow = isOfFlow
  }
}

/// What is known of a packet before it is there: a number in bounds, and the bits that may be set in it.
package struct BoundedValue: Equatable, Sendable {
  package var range: ClosedRange<UInt32>
  package var bits: UInt32
  /// How far the payload's first byte is shifted up in it; nil where it is no part of it.
  var firstByteShift: UInt32?
  /// Of that word, the bits that are kept.
  var firstByteMask: UInt32 = .max
  /// Whether all packets of one flow have the same number here.
  package var isOfFlow: Bool

  package init(_ range: ClosedRange<UInt32>, bits: UInt32 = .max, isOfFlow: Bool = false) {
    self.range = range
    self.bits = bits
    self.isOfFlow = isOfFlow
  }

  package init(_ value: UInt32) { self.init(value...value, bits: value, isOfFlow: true) }

  static var unknown: Self { Self(0 ... .max) }

  var value: UInt32? { range.lowerBound == range.upperBound ? range.lowerBound : nil }
}

/// What is known of an IP packet.
package struct PacketOutline: Sendable {
  /// Numbers at their places, from the IP header on: where, and of how many bytes.
  package var known: [(offset: Int, length: Int, value: BoundedValue)] = []
  /// Where the payload begins.
  package var payload: Int
  /// So many bytes are there in any case.
  package var length: Int

  package init(payload: Int, length: Int) {
    self.payload = payload
    self.length = length
  }

  func load(_ offset: Int, _ length: Int) -> BoundedValue {
    if let known = known.first(where: { $0.offset == offset && $0.length == length }) { return known.value }
    if offset == payload {
      var value = BoundedValue.unknown
      value.firstByteShift = UInt32(length - 1) * 8
      if length < 4 { value.range = 0...(1 << (UInt32(length) * 8) - 1) }
      value.bits = value.range.upperBound
      value.firstByteMask = value.range.upperBound
      return value
    }
    switch length {
    case 1: return BoundedValue(0...0xFF, bits: 0xFF)
    case 2: return BoundedValue(0...0xFFFF, bits: 0xFFFF)
    default: return .unknown
    }
  }
}
