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
    let most = UInt32.max >> (32 - UInt32(length) * 8)
    var value = BoundedValue(0...most, bits: most)
    if offset >= payload { value.payload = PayloadPart(offset: offset - payload, length: length) }
    return value
  }
}
