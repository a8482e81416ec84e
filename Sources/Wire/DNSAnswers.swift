/// The addresses that a DNS response gives for its question (RFC 1035 section 4.1.3, RFC 3596).
public struct DNSAnswers: Sendable {
  public let question: DNSQuestions.Question
  public private(set) var addresses: [IPAddress] = []

  /// A response over UDP holds fewer; this bounds what a hostile one costs.
  static var maximumCount: Int { 64 }

  /// Nil unless the message is a whole response without error to one question.
  public init?(message: RawSpan) {
    guard let questions = DNSQuestions(message: message), questions.isResponse, questions.list.count == 1,
      !questions.isIncomplete, message.uint16(at: 2) & 0x000F == 0,
      let (_, questionEnd) = DNSName.read(message, at: DNSQuestions.headerLength)
    else { return nil }
    question = questions.list[0]
    var offset = questionEnd + 4
    for _ in 0..<min(Int(message.uint16(at: 6)), Self.maximumCount) {
      // Aliases on the way (CNAME) may have other names: whatever the response says belongs to its question.
      guard let (_, end) = DNSName.read(message, at: offset), end + 10 <= message.byteCount else { return nil }
      let length = Int(message.uint16(at: end + 8))
      guard end + 10 + length <= message.byteCount else { return nil }
      // An address of the type that was asked for; what else comes along answers nothing.
      switch (message.uint16(at: end), length) {
      case (let type, _) where type != question.type && question.type != 255: break
      case (1, 4): addresses.append(message.ipv4Address(at: end + 10))
      case (28, 16): addresses.append(message.ipv6Address(at: end + 10))
      default: break
      }
      offset = end + 10 + length
    }
  }
}
