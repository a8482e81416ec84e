/// A number in the payload, in network byte order.
package struct PayloadPart: Equatable, Sendable {
  /// Where it begins, counted from the payload's beginning.
  var offset: Int
  /// In bytes: 1, 2 or 4.
  var length: Int
  /// The bits of it that are kept.
  var mask: UInt32 = .max

  /// How far a byte of it is shifted left in the number; 0 is its first byte.
  func shift(_ byte: Int) -> UInt32 { UInt32(length - 1 - byte) * 8 }
}

/// What is known about a number in a packet not yet seen: its bounds, and the bits that may be set in it.
package struct BoundedValue: Equatable, Sendable {
  package var range: ClosedRange<UInt32>
  package var bits: UInt32
  /// The bytes of the payload that the number was read from. Nil if it was not read from there alone.
  var payload: PayloadPart?
  /// Whether the number is the same in all packets of one flow.
  package var isSameForFlow: Bool

  package init(_ range: ClosedRange<UInt32>, bits: UInt32 = .max, isSameForFlow: Bool = false) {
    self.range = range
    self.bits = bits
    self.isSameForFlow = isSameForFlow
  }

  package init(_ value: UInt32) { self.init(value...value, bits: value, isSameForFlow: true) }

  static var unknown: Self { Self(0 ... .max) }

  var value: UInt32? { range.lowerBound == range.upperBound ? range.lowerBound : nil }
}
