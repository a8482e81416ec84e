import Wire

/// A set of IP protocol numbers (https://www.iana.org/assignments/protocol-numbers).
struct ProtocolSet: Hashable, Sendable {
  private var words: SIMD4<UInt64>

  private init(words: SIMD4<UInt64>) { self.words = words }

  init(_ numbers: some Sequence<UInt8>) {
    words = .zero
    for number in numbers { words[Int(number >> 6)] |= 1 << UInt64(number & 63) }
  }

  static let all = Self(words: SIMD4(repeating: .max))
  /// The protocols whose header begins with two ports: TCP, UDP, DCCP, SCTP, UDP-Lite.
  static let withPorts = Self([6, 17, 33, 132, 136])

  static func icmp(_ family: IPFamily) -> Self { Self([family == .ipv4 ? 1 : 58]) }

  var isEmpty: Bool { words == .zero }

  func contains(_ number: UInt8) -> Bool { words[Int(number >> 6)] & 1 << UInt64(number & 63) != 0 }

  func intersection(_ other: Self) -> Self { Self(words: words & other.words) }

  func union(_ other: Self) -> Self { Self(words: words | other.words) }

  func subtracting(_ other: Self) -> Self { Self(words: words & ~other.words) }

  func isSubset(of other: Self) -> Bool { words & ~other.words == .zero }

  /// In ascending order.
  var numbers: [UInt8] { (UInt8.min...UInt8.max).filter { contains($0) } }

  var count: Int { (0..<4).reduce(0) { $0 + words[$1].nonzeroBitCount } }
}
