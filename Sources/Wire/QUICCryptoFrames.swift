/// The handshake's bytes in the opened payload of an Initial packet: its CRYPTO frames (RFC 9000 section 19.6), among
/// the few others that it may hold (section 12.4).
public struct QUICCryptoFrames: Sendable {
  public struct Piece: Hashable, Sendable {
    /// Where it belongs in the handshake's stream.
    public var offset: Int
    /// Where it stands in the payload.
    public var range: Range<Int>
  }

  public private(set) var list: [Piece] = []

  /// Reads as far as the frames are such as an Initial packet may hold.
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
      // CONNECTION_CLOSE, or what does not belong here.
      default: return
      }
    }
  }

  /// ACK (section 19.3): largest, delay, ranges, and three counters of ECN.
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
