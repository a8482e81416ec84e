/// How AmneziaWG changes the outside of WireGuard's messages, by the parameters that both ends state (amnezia-vpn/amneziawg-go,
/// README, "Configuration").
///
///      0         padding     + 4
///     +---------+-----------+------------------------------------------
///     | random  | header    | the message's fields, as WireGuard has them
///     +---------+-----------+------------------------------------------
///
/// Followed are versions 1 (Jc, Jmin, Jmax, S1, S2, H1 to H4), 1.5 (I1 to I5) and 2 (S3, S4, ranges for H1 to H4): each does what
/// the next one does without the parameters that it lacks. Version 3 hides the headers, too, and is not followed.
public struct AmneziaWG: Hashable, Sendable {
  /// One kind of message: so many random bytes stand before it, and its first four bytes are a number of the range,
  /// little-endian.
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

  /// Without parameters they are WireGuard's own.
  public struct Messages: Hashable, Sendable, BitwiseCopyable {
    public var initiation = Message(headers: 1...1)
    public var response = Message(headers: 2...2)
    public var cookie = Message(headers: 3...3)
    public var data = Message(headers: 4...4)

    public init() {}
  }

  public var messages = Messages()
  /// Datagrams of random bytes that go before a handshake initiation, and nowhere else: how many, and their lengths.
  public var junkCount = 0
  public var junkLengths = 0...0
  /// Datagrams that imitate another protocol before those: the length of each, nil where it cannot be told.
  public var imitations: [Int?] = []

  public init() {}

  /// How many datagrams may go before one initiation.
  public var precursors: Int { junkCount + imitations.count }

  /// Whether a datagram of that length may go before an initiation.
  public func mayPrecede(length: Int) -> Bool {
    junkCount > 0 && junkLengths.contains(length) || imitations.contains { $0 == nil || $0 == length }
  }
}
