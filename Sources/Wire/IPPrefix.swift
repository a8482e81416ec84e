/// An address block: the addresses that share their first `length` bits with `address`.
public struct IPPrefix: Hashable, Sendable, BitwiseCopyable {
  /// The block's first address: bits beyond `length` are zero.
  public let address: IPAddress
  /// 0...32 or 0...128.
  public let length: Int

  /// Keeps the first `length` bits of `address` (clamped to its width).
  public init(_ address: IPAddress, length: Int) {
    let length = min(max(length, 0), address.width)
    self.address = address.masked(length)
    self.length = length
  }

  /// The prefix that holds only this address.
  public init(_ address: IPAddress) { self.init(address, length: address.width) }

  public func contains(_ other: IPAddress) -> Bool {
    other.family == address.family && other.masked(length) == address
  }
}

extension IPAddress {
  /// The address with everything after its first `length` bits zero.
  public func masked(_ length: Int) -> IPAddress {
    if isIPv4 {
      return IPAddress(v4: UInt32(truncatingIfNeeded: low) & (length <= 0 ? 0 : ~0 << UInt32(32 - min(length, 32))))
    }
    // Swift's << gives zero when all bits are shifted out, so the two halves need no cases.
    return IPAddress(
      v6High: length >= 64 ? high : high & (~0 << UInt64(64 - max(length, 0))),
      low: length >= 128 ? low : low & (~0 << UInt64(128 - max(length, 64))))
  }
}

extension IPPrefix: LosslessStringConvertible {
  /// Reads `address/length`, or just an address. Host bits are dropped, as wg(8) and ip(8) do.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(parts[0]) else { return nil }
    guard parts.count == 2 else {
      self.init(address)
      return
    }
    guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
      (0...address.width).contains(length)
    else { return nil }
    self.init(address, length: length)
  }

  public var description: String { "\(address)/\(length)" }
}
