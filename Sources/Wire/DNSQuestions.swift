/// The questions of a DNS message (RFC 1035 section 4.1), over UDP or after TCP's length field (section 4.2.2).
///
///      0     2       4         6         8           10          12
///     +-----+-------+---------+---------+-----------+-----------+-----------
///     | id  | flags | QDCOUNT | ANCOUNT | NSCOUNT   | ARCOUNT   | questions
///     +-----+-------+---------+---------+-----------+-----------+-----------
public struct DNSQuestions: Sendable {
  public struct Question: Hashable, Sendable {
    /// Labels with dots between them, escaped as in RFC 4343 section 2.1, so that no control character can
    /// reach a terminal. The root is ".".
    public var name: String
    public var type: UInt16
  }

  public private(set) var list: [Question] = []
  public let identifier: UInt16
  public let isResponse: Bool
  /// Whether questions are missing because the message is cut, is malformed, or has more than `maximumCount`.
  public private(set) var isIncomplete = false

  /// The offset in the message just after the last question that was read.
  public private(set) var end = Self.headerLength

  /// No resolver answers a message with several questions; the limit bounds the cost of a hostile one.
  static var maximumCount: Int { 16 }
  static var headerLength: Int { 12 }

  /// Reads a message that starts with its header. Nil if the header is cut.
  public init?(message: RawSpan) {
    guard message.byteCount >= Self.headerLength else { return nil }
    identifier = message.uint16(at: 0)
    isResponse = message.uint16(at: 2) & 0x8000 != 0
    let count = Int(message.uint16(at: 4))
    isIncomplete = count > Self.maximumCount
    for _ in 0..<min(count, Self.maximumCount) {
      guard let (name, type) = DNSName.read(message, at: end), type + 4 <= message.byteCount else {
        isIncomplete = true
        return
      }
      list.append(Question(name: name, type: message.uint16(at: type)))
      end = type + 4
    }
  }

  /// Reads the message in a UDP datagram or at the beginning of a TCP segment. Nil if there is none.
  public init?(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) {
    guard packet.transport == .header, packet.fragment != .later else { return nil }
    let payload = packet.payload(frame)
    switch packet.protocolNumber {
    case .udp: self.init(message: payload)
    case .tcp:
      guard payload.byteCount >= 2 else { return nil }
      self.init(message: payload.extracting(droppingFirst: 2).extracting(first: Int(payload.uint16(at: 0))))
    default: return nil
    }
  }
}
