/// A TLS ClientHello (RFC 8446 section 4.1.2), read to learn which server it names (RFC 6066 section 3).
///
///      0      1        4         6        38
///     +------+--------+---------+--------+------------+---------------+-------------+------------
///     | 1    | length | version | random | session id | cipher suites | compression | extensions
///     +------+--------+---------+--------+------------+---------------+-------------+------------
///
/// Only a complete message counts: its end shows whether the name in clear is the outer one of an encrypted
/// ClientHello.
public struct TLSClientHello: Hashable, Sendable {
  /// The first host name. Nil if there is none.
  public let serverName: String?
  /// Whether it holds an encrypted ClientHello (RFC 9849 section 5), or something that looks like one (section 6.2).
  /// Then `serverName` is the outer name.
  public let isEncrypted: Bool

  /// Far above what clients send: post-quantum key shares need two kilobytes.
  public static var maximumLength: Int { 16384 }
  static var headerLength: Int { 4 }

  /// Reads a message that starts with its type, as QUIC carries it (RFC 9001 section 4.1.3).
  public static func read(handshake bytes: RawSpan) -> StreamReading<TLSClientHello> {
    guard bytes.byteCount > 0 else { return .needsMore }
    guard bytes.uint8(at: 0) == 1 else { return .other }
    guard bytes.byteCount >= headerLength else { return .needsMore }
    let length = Int(bytes.uint32(at: 0) & 0xFF_FFFF)
    guard headerLength + length <= maximumLength else { return .other }
    guard bytes.byteCount >= headerLength + length else { return .needsMore }
    let body = bytes.extracting(droppingFirst: headerLength).extracting(first: length)
    return TLSClientHello(body: body).map { .whole($0) } ?? .other
  }

  /// Reads the message from the records of a TLS connection, beginning with the first (RFC 8446 section 5.1). The
  /// message may span several records.
  ///
  ///      0      1         3        5
  ///     +------+---------+--------+----------
  ///     | 0x16 | version | length | fragment
  ///     +------+---------+--------+----------
  public static func read(records bytes: RawSpan) -> StreamReading<TLSClientHello> {
    var message: [UInt8] = []
    var count = 0
    var offset = 0
    while offset < bytes.byteCount {
      guard bytes.uint8(at: offset) == 0x16 else { return .other }
      guard offset + 1 < bytes.byteCount else { return .needsMore }
      guard bytes.uint8(at: offset + 1) == 3 else { return .other }
      guard offset + 5 <= bytes.byteCount else { return .needsMore }
      let length = Int(bytes.uint16(at: offset + 3))
      // A handshake fragment is never empty, and at most 2^14 bytes long.
      guard (1...1 << 14).contains(length) else { return .other }
      let fragment = bytes.extracting(droppingFirst: offset + 5).extracting(first: length)
      if offset == 0 {
        // The message is nearly always in one record, which need not be copied.
        let reading = read(handshake: fragment)
        guard case .needsMore = reading else { return reading }
      }
      if message.isEmpty { message = [UInt8](repeating: 0, count: bytes.byteCount) }
      var target = message.mutableSpan
      fragment.copy(to: &target, at: count)
      count += fragment.byteCount
      // Anything may follow the message.
      let reading = read(handshake: message.view.extracting(first: count))
      guard case .needsMore = reading else { return reading }
      offset += 5 + length
    }
    return .needsMore
  }

  /// Nil if the body is malformed.
  private init?(body: RawSpan) {
    var cursor = ByteCursor(body)
    guard cursor.skip(34), let session = cursor.uint8(), cursor.skip(session), let suites = cursor.uint16(),
      cursor.skip(suites), let compression = cursor.uint8(), cursor.skip(compression)
    else { return nil }
    var name: String?
    var isEncrypted = false
    // A hello without extensions is from before TLS 1.2, and complete.
    if cursor.remaining > 0 {
      guard let length = cursor.uint16(), let extensions = cursor.take(length) else { return nil }
      var list = ByteCursor(extensions)
      while list.remaining > 0 {
        guard let type = list.uint16(), let length = list.uint16(), let content = list.take(length) else { return nil }
        // Unknown extensions are skipped, including GREASE (RFC 8701).
        switch type {
        case 0 where name == nil:
          guard let read = Self.hostName(content) else { return nil }
          name = read
        // The ECHClientHelloType is outer (RFC 9849 section 5).
        case 0xFE0D where content.byteCount > 0 && content.uint8(at: 0) == 0: isEncrypted = true
        default: break
        }
      }
    }
    serverName = name
    self.isEncrypted = isEncrypted
  }

  /// The first name of type host_name in a server_name extension.
  private static func hostName(_ content: RawSpan) -> String? {
    var cursor = ByteCursor(content)
    guard let length = cursor.uint16(), let entries = cursor.take(length) else { return nil }
    var list = ByteCursor(entries)
    while let type = list.uint8(), let length = list.uint16(), let name = list.take(length) {
      // No host name is longer than 255 bytes.
      if type == 0, name.byteCount > 0 { return EscapedText.text(name.extracting(first: 255)) }
    }
    return nil
  }
}
