/// The part of the client's address that a DNS query passes on (RFC 7871 section 6). It is an option of the OPT record
/// (RFC 6891 section 6.1.2).
///
///      0      2        4        6        7       8
///     +------+--------+--------+--------+-------+---------
///     | 8    | length | family | prefix | scope | address
///     +------+--------+--------+--------+-------+---------
public struct EDNSClientSubnet: Sendable {
  public let prefix: IPPrefix

  /// No query has more records; the limit bounds the cost of a hostile one.
  private static var maximumRecords: Int { 64 }
  private static var optionCode: Int { 8 }

  /// Reads a DNS message that starts with its header. Nil if it has no client subnet, or an empty prefix, which asks
  /// the resolver to pass on nothing (section 7.1.2).
  public init?(message: RawSpan) {
    guard message.byteCount >= DNSQuestions.headerLength else { return nil }
    let questions = Int(message.uint16(at: 4))
    let records = Int(message.uint16(at: 6)) + Int(message.uint16(at: 8)) + Int(message.uint16(at: 10))
    guard questions <= DNSQuestions.maximumCount, (1...Self.maximumRecords).contains(records) else { return nil }
    var offset = DNSQuestions.headerLength
    for _ in 0..<questions {
      guard let end = DNSName.end(message, at: offset) else { return nil }
      offset = end + 4
    }
    for _ in 0..<records {
      guard let end = DNSName.end(message, at: offset), end + 10 <= message.byteCount else { return nil }
      let length = Int(message.uint16(at: end + 8))
      guard end + 10 + length <= message.byteCount else { return nil }
      // OPT.
      if message.uint16(at: end) == 41 {
        guard let prefix = Self.prefix(message.extracting(end + 10..<end + 10 + length)) else { return nil }
        self.prefix = prefix
        return
      }
      offset = end + 10 + length
    }
    return nil
  }

  private static func prefix(_ options: RawSpan) -> IPPrefix? {
    var cursor = ByteCursor(options)
    while let code = cursor.uint16(), let length = cursor.uint16(), let content = cursor.take(length) {
      guard code == optionCode else { continue }
      guard content.byteCount >= 4 else { return nil }
      let family = content.uint16(at: 0)
      let bits = Int(content.uint8(at: 2))
      let address = content.extracting(droppingFirst: 4)
      guard bits > 0, address.byteCount == (bits + 7) / 8 else { return nil }
      switch family {
      case 1 where bits <= 32:
        return IPPrefix(IPAddress(v4: UInt32(truncatingIfNeeded: leftAligned(address, 0, 4))), length: bits)
      case 2 where bits <= 128:
        return IPPrefix(IPAddress(v6High: leftAligned(address, 0, 8), low: leftAligned(address, 8, 8)), length: bits)
      default: return nil
      }
    }
    return nil
  }

  /// `count` bytes as an integer. Bytes beyond the end count as zero.
  private static func leftAligned(_ bytes: RawSpan, _ start: Int, _ count: Int) -> UInt64 {
    (start..<start + count).reduce(0) { $0 << 8 | ($1 < bytes.byteCount ? UInt64(bytes.uint8(at: $1)) : 0) }
  }
}
