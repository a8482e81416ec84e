/// How AmneziaWG changes the outer form of WireGuard's messages, by parameters that both ends are given
/// (amnezia-vpn/amneziawg-go, README, "Configuration").
///
///      0         padding     + 4
///     +---------+-----------+------------------------------------------
///     | random  | header    | the message's fields, as WireGuard has them
///     +---------+-----------+------------------------------------------
///
/// Supported are versions 1 (Jc, Jmin, Jmax, S1, S2, H1 to H4), 1.5 (I1 to I5) and 2 (S3, S4, ranges for H1 to H4).
/// Each version behaves like the next one without its new parameters. Version 3 hides the headers, too: not supported.
public struct AmneziaWG: Hashable, Sendable {
  /// One kind of message: the number of random bytes before it, and the range of its header. The header is its first
  /// four bytes as a little-endian number.
  public struct Message: Hashable, Sendable, BitwiseCopyable {
    public var padding: Int
    public var lowestHeader: UInt32
    public var highestHeader: UInt32

    public init(padding: Int = 0, headers: ClosedRange<UInt32>) {
      self.padding = padding
      lowestHeader = headers.lowerBound
      highestHeader = headers.upperBound
    }

    public func holds(header: UInt32) -> Bool { lowestHeader <= header && header <= highestHeader }
  }

  /// The four kinds of messages. The defaults are WireGuard's own.
  public struct Messages: Hashable, Sendable, BitwiseCopyable {
    public var initiation = Message(headers: 1...1)
    public var response = Message(headers: 2...2)
    public var cookie = Message(headers: 3...3)
    public var data = Message(headers: 4...4)

    public init() {}
  }

  public var messages = Messages()
  /// The number and lengths of the random datagrams that precede a handshake initiation, and nothing else.
  public var junkCount = 0
  public var junkLengths = 0...0
  /// The lengths of the datagrams before those, which imitate another protocol. Nil if a length is not known.
  public var imitations: [Int?] = []

  public init() {}

  /// How many datagrams may precede one initiation.
  public var precursors: Int { junkCount + imitations.count }

  /// Whether a datagram of this length may precede an initiation.
  public func mayPrecede(length: Int) -> Bool {
    junkCount > 0 && junkLengths.contains(length) || imitations.contains { $0 == nil || $0 == length }
  }
}
