/// A DTLS ClientHello in one datagram (RFC 6347 sections 4.1 and 4.2.2; DTLS 1.3 too, RFC 9147 section 5.3).
///
///      0      1         3       5          11       13     14       17         19       22       25
///     +------+---------+-------+----------+--------+------+--------+----------+--------+--------+------
///     | 0x16 | version | epoch | sequence | length | 1    | length | sequence | offset | length | hello
///     +------+---------+-------+----------+--------+------+--------+----------+--------+--------+------
///
/// The hello is the same as in TLS, with a cookie after its session id.
public enum DTLSClientHello {
  static var headerLength: Int { 25 }

  /// DTLS 1.0, DTLS 1.2, and the version from before the standard that AnyConnect servers speak.
  static func isVersion(_ version: UInt16) -> Bool { version == 0xFEFF || version == 0xFEFD || version == 0x0100 }

  /// Nil if the datagram begins with anything else, or if the hello spans several datagrams: no name is guessed.
  public static func read(_ datagram: RawSpan) -> TLSClientHello? {
    guard datagram.byteCount >= headerLength, datagram.uint8(at: 0) == 0x16, isVersion(datagram.uint16(at: 1)),
      datagram.uint16(at: 3) == 0, datagram.uint8(at: 13) == 1
    else { return nil }
    let length = Int(datagram.uint32(at: 13) & 0xFF_FFFF)
    // The fragment starts at offset 0 and is the whole message.
    guard datagram.uint32(at: 18) & 0xFF_FFFF == 0, Int(datagram.uint32(at: 21) & 0xFF_FFFF) == length,
      Int(datagram.uint16(at: 11)) >= headerLength - 13 + length, datagram.byteCount >= headerLength + length
    else { return nil }
    let body = datagram.extracting(droppingFirst: headerLength).extracting(first: length)
    var cursor = ByteCursor(body)
    guard cursor.skip(34), let session = cursor.uint8(), cursor.skip(session) else { return nil }
    let beforeCookie = cursor.offset
    guard let cookie = cursor.uint8(), cursor.skip(cookie) else { return nil }
    let hello = body.extracting(first: beforeCookie).copied + body.extracting(droppingFirst: cursor.offset).copied
    let header = [1, UInt8(hello.count >> 16), UInt8(hello.count >> 8 & 0xFF), UInt8(hello.count & 0xFF)]
    guard case .whole(let read) = TLSClientHello.read(handshake: (header + hello).view) else { return nil }
    return read
  }
}
