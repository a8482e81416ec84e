import Wire

/// Recognises a DNS message in a stream whose beginning is not known (RFC 1035 section 4.1).
enum DNSShape {
  /// The size of a question for the root: a header, a name of one byte, type and class.
  static var shortestQuery: Int { 17 }

  /// Whether all questions of a message are complete.
  static func hasQuestions(_ message: RawSpan) -> Bool {
    DNSQuestions(message: message).map { !$0.isIncomplete } ?? false
  }

  /// Whether the bytes can be the beginning of a query (RFC 1035 section 4.1.1). `length`: the length of the whole
  /// message.
  static func mayBeQuery(_ bytes: RawSpan, _ length: Int?) -> Bool {
    // QR, and operations above DSO (RFC 8490).
    if bytes.byteCount > 2, bytes.uint8(at: 2) & 0x80 != 0 || bytes.uint8(at: 2) >> 3 & 15 > 6 { return false }
    // The bit that must be zero, and the response code.
    if bytes.byteCount > 3, bytes.uint8(at: 3) & 0x4F != 0 { return false }
    if bytes.byteCount >= 6, !(1...16).contains(bytes.uint16(at: 4)) { return false }
    guard bytes.byteCount == length else { return true }
    return hasQuestions(bytes)
  }

  /// The offset inside a segment (not at its beginning) of a length with a query that fits it exactly: one question of
  /// the Internet class, no answers, at most the record of EDNS, and nothing after them. More than a hundred bits must
  /// be right.
  static func wholeQuery(in segment: RawSpan) -> Int? {
    var offset = 1
    while offset + 2 + shortestQuery <= segment.byteCount {
      defer { offset += 1 }
      let length = Int(segment.uint16(at: offset))
      guard length >= shortestQuery, offset + 2 + length <= segment.byteCount,
        segment.uint16(at: offset + 6) == 1, segment.uint32(at: offset + 8) == 0, segment.uint16(at: offset + 12) <= 1
      else { continue }
      let message = segment.extracting(droppingFirst: offset + 2).extracting(first: length)
      guard mayBeQuery(message, length), let questions = DNSQuestions(message: message), !questions.isIncomplete,
        message.uint16(at: questions.end - 2) == 1, end(of: message, questions) == length
      else { continue }
      return offset
    }
    return nil
  }

  /// Where a message of unknown length ends: after its questions, or after the one record of EDNS (RFC 6891 section
  /// 6.1.2).
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
