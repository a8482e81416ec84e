import Policy
import Wire

/// A Curve25519 public key: 32 bytes, in base64 as wg(8) writes it.
package struct WireGuardKey: Hashable, Sendable {
  package let bytes: [UInt8]

  /// Nil unless the text is the one canonical encoding of 32 bytes: 43 digits and a padding sign.
  package init?(_ text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count == 44, digits[43] == UInt8(ascii: "=") else { return nil }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for digit in digits.dropLast() {
      let value: UInt8
      switch digit {
      case 0x41...0x5A: value = digit - 0x41
      case 0x61...0x7A: value = digit - 0x61 + 26
      case 0x30...0x39: value = digit - 0x30 + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      default: return nil
      }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    // 43 digits are 258 bits; the last two carry nothing and must be zero, as wg(8) demands.
    guard bits & 3 == 0 else { return nil }
    self.bytes = bytes
  }
}
