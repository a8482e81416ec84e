/// A WireGuard message as Mullvad's lightweight obfuscation (LWO) sends it: its header is XORed with the server's
/// public key (mullvad/mullvadvpn-app, tunnel-obfuscation/src/lwo, versions 1 and 2).
///
///      0      1          2 and 3
///     +------+----------+----------------------------+-------------
///     | type | mark and | reserved, which were zero  | by type
///     |      | random   |                            |
///     +------+----------+----------------------------+-------------
///
/// - Version 1: each byte is XORed with the key byte at the same offset. The second byte is random, with its highest
///   bit set.
/// - Version 2: the datagram's length and the byte's offset are first added to each key byte. The second byte's highest
///   two bits are 01; the others are those of the first key byte plus the length. A handshake has up to 256 random
///   bytes at its end. A cookie is not changed.
public enum LWOMessage {
  /// Nil if a UDP payload's first bytes and its length, according to the length fields, do not match. Needs four bytes
  /// of the payload and of the key.
  public static func kind(_ payload: RawSpan, length: Int, key: [UInt8]) -> WireGuardMessage? {
    guard payload.byteCount >= 4, key.count >= 4 else { return nil }
    let bytes = (payload.uint8(at: 0), payload.uint8(at: 1), payload.uint8(at: 2), payload.uint8(at: 3))
    if bytes.1 & 0x80 != 0 {
      guard bytes.2 == key[2], bytes.3 == key[3] else { return nil }
      return WireGuardMessage(firstWord: UInt32(bytes.0 ^ key[0]) << 24, payloadLength: length)
    }
    let mix = UInt8(truncatingIfNeeded: length)
    guard bytes.1 & 0xC0 == 0x40 else {
      // A cookie of version 2.
      let message = WireGuardMessage(firstWord: payload.uint32(at: 0), payloadLength: length)
      return message == .cookie ? message : nil
    }
    guard bytes.1 & 0x3F == (key[0] &+ mix) & 0x3F, bytes.2 == key[2] &+ mix &+ 2, bytes.3 == key[3] &+ mix &+ 3 else {
      return nil
    }
    switch bytes.0 ^ (key[0] &+ mix) {
    case 1 where (WireGuardMessage.initiationLength...WireGuardMessage.initiationLength + 256).contains(length):
      return .initiation
    case 2 where (WireGuardMessage.responseLength...WireGuardMessage.responseLength + 256).contains(length):
      return .response
    case 4 where length >= WireGuardMessage.keepaliveLength: return .data
    default: return nil
    }
  }
}
