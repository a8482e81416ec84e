/// The handshake bytes in the decrypted payload of an Initial packet. They are in CRYPTO frames (RFC 9000 section
/// 19.6), among the few other frames that the packet may hold (section 12.4).
public struct QUICCryptoFrames: Sendable {
  public struct Piece: Hashable, Sendable {
    /// The piece's offset in the handshake stream.
    public var offset: Int
    /// The piece's range in the payload.
    public var range: Range<Int>
  }

  public private(set) var list: [Piece] = []

  /// Reads up to a frame that is cut, or up to CONNECTION_CLOSE or a frame that an Initial packet may not hold.
  public init(_ payload: RawSpan) {
    var cursor = ByteCursor(payload)
    while let type = cursor.quicInteger() {
      switch type {
      // PADDING, PING.
      case 0, 1: break
      case 2, 3: guard Self.skipAcknowledgement(&cursor, countsMarks: type == 3) else { return }
      case 6:
        guard let offset = cursor.quicInteger(), let length = cursor.quicInteger() else { return }
        let start = cursor.offset
        guard cursor.skip(length) else { return }
        list.append(Piece(offset: offset, range: start..<start + length))
      // CONNECTION_CLOSE, or a frame that does not belong here.
      default: return
      }
    }
  }

  /// Skips an ACK frame (section 19.3): largest, delay, ranges, and three ECN counters if `countsMarks` is set.
  @_lifetime(cursor: copy cursor)
  private static func skipAcknowledgement(_ cursor: inout ByteCursor, countsMarks: Bool) -> Bool {
    guard cursor.quicInteger() != nil, cursor.quicInteger() != nil, let ranges = cursor.quicInteger(),
      cursor.quicInteger() != nil, ranges <= cursor.remaining
    else { return false }
    for _ in 0..<2 * ranges + (countsMarks ? 3 : 0) {
      guard cursor.quicInteger() != nil else { return false }
    }
    return true
  }
}
