/// Decisions taken from bytes, a few bytes each, so that a fuzzer that changes a byte changes one decision. After the
/// last byte all are zero.
public struct ByteChoices: Sendable {
  private var rest: ArraySlice<UInt8>

  public init(_ bytes: [UInt8]) { rest = bytes[...] }

  public var isEmpty: Bool { rest.isEmpty }

  public mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  public mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

  public mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number {
    bytes(Number.bitWidth / 8).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  public mutating func pick<Element>(_ choices: [Element]) -> Element { choices[Int(byte()) % choices.count] }
}
