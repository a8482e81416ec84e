import Wire

/// What tells a DNS message in a stream whose beginning is not known (RFC 1035 section 4.1).
enum DNSShape {
  /// A question for the root: a header, a name of one byte, type and class.
  static var shortestQuery: Int { 17 }

  /// Whether all questions of a message are there.
  static func hasQuestions(_ message: RawSpan) -> Bool {
    DNSQuestions(message: message).map { !$0.isIncomplete } ?? false
  }

  /// Whether the bytes can begin a query, as far as they go (RFC 1035 section 4.1.1). `length`: all of it.
  static func mayBeQuery(_ bytes: RawSpan, _ length: Int?) -> Bool {
    // QR, and operations above DSO (RFC 8490).
    if bytes.byteCount > 2, bytes.uint8(at: 2) & 0x80 != 0 || bytes.uint8(at: 2) >> 3 & 15 > 6 { return false }
    // The bit that must be zero, and the response code.
    if bytes.byteCount > 3, bytes.uint8(at: 3) & 0x4F != 0 { return false }
    if bytes.byteCount >= 6, !(1...16).contains(bytes.uint16(at: 4)) { return false }
    guard bytes.byteCount == length else { return true }
    return hasQuestions(bytes)
  }

  /// Where a message ends whose length is not known: behind its questions, or behind the one record of EDNS (RFC 6891
  /// section 6.1.2).
  static func end(of message: RawSpan, _ questions: DNSQuestions) -> Int? {
    guard message.uint32(at: 6) == 0 else { return nil }
    switch message.uint16(at: 10) {
    case 0: return questions.end
    case 1:
      let record = message.extracting(droppingFirst: questions.end)
      guard record.byteCount >= 11, record.uint8(at: 0) == 0, record.uint16(at: 1) == 41 else { return nil }
      let end = questions.end + 11 + Int(record.uint16(at: 9))
      return end <= message.byteCount ? end : nil
    default: return nil
    }
  }
}
