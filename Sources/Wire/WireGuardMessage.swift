/// The outer form of a WireGuard message (WireGuard whitepaper, section 5.4): a type, three zero bytes
/// and a length. Nothing secret is read.
///
///      0      1                    4
///     +------+--------------------+---------------
///     | type | reserved, zero     | by type
///     +------+--------------------+---------------
///
/// Transport data is not always a multiple of 16 bytes: its padding is clamped to the tunnel's MTU.
public enum WireGuardMessage: UInt8, Sendable, BitwiseCopyable {
  case initiation = 1
  case response = 2
  case cookie = 3
  case data = 4

  public static var initiationLength: Int { 148 }
  public static var responseLength: Int { 92 }
  public static var cookieLength: Int { 64 }
  /// Header, counter and the authentication tag of an empty packet: a keepalive.
  public static var keepaliveLength: Int { 32 }

  /// Nil if a UDP payload's first four bytes and its length, according to the length fields, do not match.
  public init?(firstWord: UInt32, payloadLength: Int, anyReserved: Bool = false) {
    guard anyReserved || firstWord & 0x00FF_FFFF == 0 else { return nil }
    switch (firstWord >> 24, payloadLength) {
    case (4, 32...): self = .data
    case (1, 148): self = .initiation
    case (2, 92): self = .response
    case (3, 64): self = .cookie
    default: return nil
    }
  }
}
