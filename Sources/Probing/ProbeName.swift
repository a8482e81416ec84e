/// Names one attempt: in lookups, server names, and the bytes of every other message.
///
///     n0123456789abcdef.p9.s3.drill.test
///      nonce             probe's number, scenario's number
package struct ProbeName: Hashable, Sendable {
  package let nonce: UInt64
  /// `Probe.number`.
  package let probe: Int
  package let scenario: Int

  package init(nonce: UInt64, probe: Int, scenario: Int) {
    self.nonce = nonce
    self.probe = probe
    self.scenario = scenario
  }

  /// Below .test, which no resolver of the real world answers (RFC 6761 section 6.2).
  private static let suffix = Array(".drill.test".utf8)
  private static let nonceLength = 16
  private static let mostDigits = 5

  /// 16 hexadecimal digits.
  package var hexadecimal: String {
    let digits = String(nonce, radix: 16)
    return String(repeating: "0", count: Self.nonceLength - digits.count) + digits
  }

  /// Reads a whole name, in any case, with or without the dot at its end. Nil for any other name.
  package init?(_ text: String) {
    var bytes = Array(text.utf8)
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    guard let (name, end) = Self.read(bytes, at: 0), end == bytes.count else { return nil }
    self = name
  }

  /// The first name in these bytes. Nil if there is none.
  static func find(in bytes: [UInt8]) -> ProbeName? {
    for start in bytes.indices where bytes[start] | 0x20 == UInt8(ascii: "n") {
      if let (name, _) = read(bytes, at: start) { return name }
    }
    return nil
  }

  private static func read(_ bytes: [UInt8], at start: Int) -> (ProbeName, end: Int)? {
    var position = start
    func skip(_ wanted: [UInt8]) -> Bool {
      guard bytes.count - position >= wanted.count else { return false }
      // DNS does not tell capital letters from small ones, and resolvers mix them (RFC 4343).
      for (index, byte) in wanted.enumerated() where lowercase(bytes[position + index]) != byte { return false }
      position += wanted.count
      return true
    }
    func number(radix: UInt64, digits: ClosedRange<Int>) -> UInt64? {
      var value: UInt64 = 0
      var count = 0
      while position < bytes.count, count < digits.upperBound, let digit = digit(bytes[position]), digit < radix {
        value = value &* radix &+ digit
        position += 1
        count += 1
      }
      return digits.contains(count) ? value : nil
    }
    guard skip([UInt8(ascii: "n")]), let nonce = number(radix: 16, digits: nonceLength...nonceLength),
      skip(Array(".p".utf8)), let probe = number(radix: 10, digits: 1...mostDigits),
      skip(Array(".s".utf8)), let scenario = number(radix: 10, digits: 1...mostDigits), skip(suffix)
    else { return nil }
    return (ProbeName(nonce: nonce, probe: Int(probe), scenario: Int(scenario)), position)
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch lowercase(byte) {
    case let byte where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): UInt64(byte - UInt8(ascii: "0"))
    case let byte where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte): UInt64(byte - UInt8(ascii: "a") + 10)
    default: nil
    }
  }
}

extension ProbeName: CustomStringConvertible {
  package var description: String { "n\(hexadecimal).p\(probe).s\(scenario).drill.test" }
}
