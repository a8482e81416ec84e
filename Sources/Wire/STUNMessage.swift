/// A STUN message (RFC 8489 section 5), read to learn which program sent it.
///
///      0      2        4              8                20
///     +------+--------+--------------+----------------+------------
///     | type | length | magic cookie | transaction id | attributes
///     +------+--------+--------------+----------------+------------
public struct STUNMessage: Sendable {
  /// The SOFTWARE attribute (section 14.14). Nil if the sender does not say.
  public let software: String?

  static var headerLength: Int { 20 }
  private static var softwareAttribute: Int { 0x8022 }

  /// Nil if the datagram is not a complete STUN message.
  public init?(_ datagram: RawSpan) {
    guard datagram.byteCount >= Self.headerLength, datagram.uint8(at: 0) & 0xC0 == 0,
      datagram.uint32(at: 4) == 0x2112_A442
    else { return nil }
    let length = Int(datagram.uint16(at: 2))
    guard length.isMultiple(of: 4), length <= datagram.byteCount - Self.headerLength else { return nil }
    var cursor = ByteCursor(datagram.extracting(droppingFirst: Self.headerLength).extracting(first: length))
    var software: String?
    while cursor.remaining > 0 {
      guard let type = cursor.uint16(), let length = cursor.uint16(), let value = cursor.take(length),
        cursor.skip((4 - length % 4) % 4)
      else { return nil }
      // The standard allows less than 128 characters.
      if type == Self.softwareAttribute, software == nil, length > 0 {
        software = EscapedText.text(value.extracting(first: 128))
      }
    }
    self.software = software
  }
}
