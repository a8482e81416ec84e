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
