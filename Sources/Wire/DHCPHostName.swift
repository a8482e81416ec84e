/// The host name that a client sends to a DHCP server: option 12 (RFC 2132 section 3.14).
///
///      0    1                                236            240
///     +----+-----------------+--------------+--------------+---------
///     | op | addresses       | names        | magic cookie | options
///     +----+-----------------+--------------+--------------+---------
public enum DHCPHostName {
  /// Reads a client's message (RFC 2131 section 2). Nil if it has no name.
  public static func read(_ datagram: RawSpan) -> String? {
    guard datagram.byteCount >= 240, datagram.uint8(at: 0) == 1, datagram.uint32(at: 236) == 0x6382_5363 else {
      return nil
    }
    var cursor = ByteCursor(datagram.extracting(droppingFirst: 240))
    while let code = cursor.uint8(), code != 255 {
      // A pad option has no length byte.
      if code == 0 { continue }
      guard let length = cursor.uint8(), let content = cursor.take(length) else { return nil }
      if code == 12, length > 0 { return EscapedText.text(content) }
    }
    return nil
  }
}
