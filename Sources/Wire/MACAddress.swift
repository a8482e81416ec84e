/// A 48-bit link-layer address, stored in the low bits of a word.
public struct MACAddress: Hashable, Sendable, BitwiseCopyable {
  public let value: UInt64

  /// In octets.
  public static var length: Int { 6 }

  public init(_ value: UInt64) { self.value = value & 0xFFFF_FFFF_FFFF }
}

extension MACAddress: LosslessStringConvertible {
  /// Six hexadecimal octets with colons or hyphens between them.
  public init?(_ text: String) {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
    guard parts.count == 6 else { return nil }
    var value: UInt64 = 0
    for part in parts {
      guard part.utf8.count == 2, part.first != "+", let octet = UInt8(part, radix: 16) else { return nil }
      value = value << 8 | UInt64(octet)
    }
    self.init(value)
  }

  public var description: String {
    (0..<6).map { index in
      let octet = value >> UInt64(40 - 8 * index) & 255
      return (octet < 16 ? "0" : "") + String(octet, radix: 16)
    }.joined(separator: ":")
  }
}
