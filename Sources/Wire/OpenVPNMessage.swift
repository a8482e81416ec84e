/// The clear-text header of every OpenVPN packet, protected or not (OpenVPN, doc/doxygen/doc_protocol_overview.h):
///
///      0                1
///     +--------+-------+----------------
///     | opcode | key   | ...
///     | 5 bits | 3     |
///     +--------+-------+----------------
///
/// Over TCP, two length bytes precede it.
public enum OpenVPNMessage {
  /// The opcodes that a client sends: P_CONTROL_SOFT_RESET_V1, P_CONTROL_V1, P_ACK_V1, P_DATA_V1,
  /// P_CONTROL_HARD_RESET_CLIENT_V2, P_DATA_V2, P_CONTROL_HARD_RESET_CLIENT_V3, P_CONTROL_WKC_V1.
  private static let ofClients: Set<UInt8> = [3, 4, 5, 6, 7, 9, 10, 11]
  /// P_CONTROL_HARD_RESET_CLIENT_V2 and V3 with key id 0, which begin a session.
  private static let beginnings: Set<UInt8> = [7 << 3, 10 << 3]
  /// The minimum length of a control packet: opcode, session id, packet ids.
  private static let shortestControl = 14

  /// Whether a payload is one packet from a client. `length` is its full length in bytes, captured or not.
  public static func isOfClient(_ payload: RawSpan, length: Int, inStream: Bool) -> Bool {
    guard let first = first(payload, length: length, inStream: inStream) else { return false }
    return ofClients.contains(first >> 3)
  }

  /// Whether a payload begins a session.
  public static func beginsSession(_ payload: RawSpan, length: Int, inStream: Bool) -> Bool {
    guard length >= shortestControl, let first = first(payload, length: length, inStream: inStream) else {
      return false
    }
    return beginnings.contains(first)
  }

  /// Opcode and key id. Nil if too little was captured, or, in a stream, if the payload is not exactly one packet.
  private static func first(_ payload: RawSpan, length: Int, inStream: Bool) -> UInt8? {
    let start = inStream ? 2 : 0
    guard payload.byteCount > start else { return nil }
    if inStream {
      guard Int(payload.uint16(at: 0)) + 2 == length else { return nil }
    }
    return payload.uint8(at: start)
  }
}
