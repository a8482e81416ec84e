/// A QUIC packet with a long header and a length (RFC 9000 section 17.2; version 2: RFC 9369 section 3): Initial,
/// 0-RTT or Handshake. One datagram may hold several such packets (section 12.2).
///
///      0       1         5      6                  6 + n
///     +-------+---------+------+------------------+------+-----------+----------------+--------+----------------
///     | flags | version | n    | destination id   | m    | source id | token, Initial | length | packet number
///     +-------+---------+------+------------------+------+-----------+----------------+--------+----------------
public struct QUICLongHeader: Sendable {
  public enum Kind: Sendable { case initial, zeroRTT, handshake }

  public let version: UInt32
  public let kind: Kind
  /// The range of the destination connection id in the datagram.
  public let destination: Range<Int>
  /// Where the protected packet number begins in the datagram, and where the packet ends.
  public let packetNumberOffset: Int
  public let end: Int

  public static var version1: UInt32 { 1 }
  public static var version2: UInt32 { 0x6B33_43CF }
  /// Drafts from 23 on, which libraries on old devices still use. Their long headers are the same as in version 1.
  static func isDraft(_ version: UInt32) -> Bool { (0xFF00_0017...0xFF00_0022).contains(version) }

  /// Nil if the packet is not one of these, is cut, or has no length: version negotiation and Retry end a datagram.
  public init?(_ datagram: RawSpan, at start: Int) {
    guard start >= 0, datagram.byteCount - start >= 7 else { return nil }
    let first = datagram.uint8(at: start)
    let version = datagram.uint32(at: start + 1)
    // The bit that says "QUIC" may be greased (RFC 9287), so the version has to identify QUIC.
    guard first & 0x80 != 0, let kind = Self.kind(first >> 4 & 3, version) else { return nil }
    var cursor = ByteCursor(datagram.extracting(droppingFirst: start + 5))
    let base = start + 5
    guard let count = cursor.uint8(), count <= 20 else { return nil }
    let idStart = base + cursor.offset
    guard cursor.skip(count), let sourceCount = cursor.uint8(), sourceCount <= 20, cursor.skip(sourceCount) else {
      return nil
    }
    if kind == .initial {
      guard let token = cursor.quicInteger(), cursor.skip(token) else { return nil }
    }
    guard let length = cursor.quicInteger(), length <= cursor.remaining else { return nil }
    self.version = version
    self.kind = kind
    destination = idStart..<idStart + count
    packetNumberOffset = base + cursor.offset
    end = packetNumberOffset + length
  }

  /// Version 2 numbers the types differently (RFC 9369 section 3.2).
  private static func kind(_ type: UInt8, _ version: UInt32) -> Kind? {
    switch (isDraft(version) ? version1 : version, type) {
    case (version1, 0), (version2, 1): .initial
    case (version1, 1), (version2, 2): .zeroRTT
    case (version1, 2), (version2, 3): .handshake
    default: nil
    }
  }
}
