import Wire

/// The time unit and offset of an interface (if_tsresol, if_tsoffset; draft-ietf-opsawg-pcapng, section 4.2).
struct TimestampResolution: BitwiseCopyable {
  /// Nanoseconds per tick if that is a whole number and no offset applies; otherwise 0.
  private let multiplier: UInt64
  private let exponent: UInt8
  private let isBinary: Bool
  /// Seconds to add.
  private let offset: Int64

  static var microseconds: Self { Self(option: 6, offset: 0) }

  /// The option's highest bit selects powers of 2; the other bits give the negative exponent.
  init(option: UInt8, offset: Int64) {
    exponent = option & 0x7F
    isBinary = option & 0x80 != 0
    self.offset = offset
    multiplier = isBinary || exponent > 9 || offset != 0 ? 0 : Self.powerOfTen(9 - exponent)
  }

  /// The time of a number of ticks. A time that a timestamp cannot hold is clamped to the nearest end of the range.
  func timestamp(ticks: UInt64) -> Timestamp {
    let (nanoseconds, overflow) = ticks.multipliedReportingOverflow(by: multiplier)
    guard multiplier != 0, !overflow, nanoseconds <= Int64.max else { return clampedTimestamp(ticks: ticks) }
    return Timestamp(nanoseconds: Int64(truncatingIfNeeded: nanoseconds))
  }

  @inline(never)
  private func clampedTimestamp(ticks: UInt64) -> Timestamp {
    // 64 bits of ticks times at most 30 of nanoseconds, plus 64 of seconds times 30: the sum fits in 128.
    let unshifted = Int128(ticks) * 1_000_000_000
    let sinceOffset =
      if isBinary {
        unshifted >> Int128(exponent)
      } else if exponent <= 9 {
        Int128(ticks) * Int128(Self.powerOfTen(9 - exponent))
      } else {
        exponent > 28 ? 0 : Int128(ticks / Self.powerOfTen(exponent - 9))
      }
    return Timestamp(nanoseconds: Int64(clamping: sinceOffset + Int128(offset) * 1_000_000_000))
  }

  /// Computes powers up to 10^19, the greatest that fits.
  private static func powerOfTen(_ exponent: UInt8) -> UInt64 {
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
}
