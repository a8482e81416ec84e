/// What is known about a number in a packet not yet seen: its bounds, and the bits that may be set in it.
package struct BoundedValue: Equatable, Sendable {
  package var range: ClosedRange<UInt32>
  package var bits: UInt32
  /// How many bits the payload's first byte is shifted left in the number. Nil if the number does not contain it.
  var firstByteShift: UInt32?
  /// The bits of that number that are kept.
  var firstByteMask: UInt32 = .max
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
