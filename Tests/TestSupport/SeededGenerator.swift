import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): random tests repeat from the seed that they print.
public struct SeededGenerator: RandomNumberGenerator {
  /// The seed that `LEAKAUDIT_SEED` states; nil if it states none.
  private static let stated = ProcessInfo.processInfo.environment["LEAKAUDIT_SEED"].map { text in
    guard let seed = UInt64(text) else { fatalError("LEAKAUDIT_SEED is no number of 64 bits: \(text)") }
    return seed
  }

  public let seed: UInt64
  private var state: UInt64

  /// Without a seed: that of `LEAKAUDIT_SEED`, else one by chance.
  public init() { self.init(seed: Self.stated ?? .random(in: .min ... .max)) }

  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
