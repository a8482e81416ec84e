import Wire

/// The answers of the drill's resolvers: to a probe's name the address that asked, as whoami.akamai.net gives it, and to
/// any other an address of the drill's internet, where the probes' ports answer.
struct DNSReply {
  /// Names in small letters that have addresses of their own.
  let names: [String: [IPAddress]]

  private static let headerLength = 12
  private static let others = [IPAddress(v4: 0xC633_6450), IPAddress(v6High: 0x2001_0DB8_0051_0000, low: 0x80)]

  /// Nil if the message is no query, so that nothing is ever answered to an answer.
  ///
  /// A query that cannot be read or has several questions gets an error code, as RFC 1035 section 4.1.1 names them.
  func bytes(to query: [UInt8], from source: IPAddress) -> [UInt8]? {
    guard let questions = DNSQuestions(message: query.view), !questions.isResponse else { return nil }
    guard query[2] & 0x78 == 0 else { return header(query, code: 4) }
    guard !questions.isIncomplete, questions.list.count == 1, let question = questions.list.first else {
      return header(query, code: 1)
    }
    let isInternet = query.view.uint16(at: questions.end - 2) == 1
    let found = isInternet ? addresses(question, source) : []
    return concatenated(
      header(query, code: 0, questions: 1, answers: UInt16(found.count)),
      Array(query[Self.headerLength..<questions.end]), Array(found.map { record(question.type, $0) }.joined()))
  }

  /// Its name is that of the question. Nobody may keep it: the next lookup may come another way.
  private func record(_ type: UInt16, _ address: IPAddress) -> [UInt8] {
    let data =
      address.isIPv4
      ? networkOrder(UInt32(truncatingIfNeeded: address.low)) : networkOrder(address.high) + networkOrder(address.low)
    return concatenated(
      [0xC0, UInt8(Self.headerLength)], networkOrder(type), [0, 1, 0, 0, 0, 0, 0, UInt8(data.count)], data)
  }

  private func addresses(_ question: DNSQuestions.Question, _ source: IPAddress) -> [IPAddress] {
    let name = question.name.lowercased()
    let known = names[name] ?? (ProbeName(name) == nil ? Self.others : [source])
    return switch question.type {
    case 1: known.filter(\.isIPv4)
    case 28: known.filter { !$0.isIPv4 }
    default: []
    }
  }

  private func header(_ query: [UInt8], code: UInt8, questions: UInt16 = 0, answers: UInt16 = 0) -> [UInt8] {
    // A response, authoritative; opcode and the wish for recursion are the query's.
    concatenated(
      Array(query[..<2]), [0x84 | query[2] & 0x79, 0x80 | code], networkOrder(questions), networkOrder(answers),
      [0, 0, 0, 0])
  }
}
