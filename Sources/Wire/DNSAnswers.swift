/// The addresses with which a DNS response answers its question (RFC 1035 section 4.1.3, RFC 3596).
public struct DNSAnswers: Sendable {
  public let question: DNSQuestions.Question
  public private(set) var addresses: [IPAddress] = []

  /// A response over UDP holds fewer; the limit bounds the cost of a hostile one.
  static var maximumCount: Int { 64 }

  /// Nil unless the message is a complete response to one question, without an error code.
  public init?(message: RawSpan) {
    guard let questions = DNSQuestions(message: message), questions.isResponse, questions.list.count == 1,
      !questions.isIncomplete, message.uint16(at: 2) & 0x000F == 0,
      let (_, questionEnd) = DNSName.read(message, at: DNSQuestions.headerLength)
    else { return nil }
    question = questions.list[0]
    var offset = questionEnd + 4
    for _ in 0..<min(Int(message.uint16(at: 6)), Self.maximumCount) {
      // Aliases (CNAME) may have other names, so every record of the response counts for its question.
      guard let (_, end) = DNSName.read(message, at: offset), end + 10 <= message.byteCount else { return nil }
      let length = Int(message.uint16(at: end + 8))
      guard end + 10 + length <= message.byteCount else { return nil }
      // Only addresses of the type in the question count as answers.
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
