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

/// What a filter decides for all packets of which only some bytes are known.
package struct FilterOutcome: Equatable, Sendable {
  /// The values of the payload's first byte with which the filter may match. If empty, it never matches.
  package var mayMatch = ByteSet.none
  /// Whether the filter matches whatever the rest of the packet holds.
  package var isCertain = false
  /// Whether the filter decides the same for all packets of one flow.
  package var isOfFlow = false

  package init(mayMatch: ByteSet = .none, isCertain: Bool = false, isOfFlow: Bool = false) {
    self.mayMatch = mayMatch
    self.isCertain = isCertain
    self.isOfFlow = isOfFlow
  }
}

/// What is known about a number in a packet not yet seen: its bounds, and the bits that may be set in it.
package struct BoundedValue: Equatable, Sendable {
  package var range: ClosedRange<UInt32>
  package var bits: UInt32
  /// How many bits the payload's first byte is shifted left in the number. Nil if the number does not contain it.
  var firstByteShift: UInt32?
  /// The bits of that number that are kept.
  var firstByteMask: UInt32 = .max
  /// Whether the number is the same in all packets of one flow.
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

/// What is known about an IP packet.
package struct PacketOutline: Sendable {
  /// The known numbers, each with its offset from the beginning of the IP header and its length in bytes.
  package var known: [(offset: Int, length: Int, value: BoundedValue)] = []
  /// Where the payload begins.
  package var payload: Int
  /// The number of bytes that are certainly there.
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
