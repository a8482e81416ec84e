import Wire

/// What a leaking packet says in clear.
struct ClearText: Sendable {
  var questions: [DNSQuestions.Question] = []
  var details: [LeakDetail] = []
  /// How many more losses are known that may hide questions; negative if missing bytes came late.
  var lostQuestions = 0

  /// A segment may hold a thousand questions, which nobody reads.
  private static var maximumQuestions: Int { 64 }

  init() {}

  init(_ details: [LeakDetail]) { self.details = details }

  /// Adds what a DNS query says; `query` begins with its header.
  mutating func add(query: RawSpan) {
    guard let read = DNSQuestions(message: query) else { return }
    if questions.isEmpty, read.list.count == 1 {
      questions = read.list
    } else {
      for question in read.list where questions.count < Self.maximumQuestions && !questions.contains(question) {
        questions.append(question)
      }
    }
    if !read.isResponse, let subnet = EDNSClientSubnet(message: query) {
      let detail = LeakDetail(.clientSubnet, "\(subnet.prefix)")
      if !details.contains(detail) { details.append(detail) }
    }
  }
}

extension LeakDetail {
  /// The server that a hello names. The name beside an encrypted hello is not the server's own, or cannot be told from
  /// such a name.
  static func list(_ hello: TLSClientHello) -> [LeakDetail] {
    guard let name = hello.serverName else { return [] }
    return [LeakDetail(hello.isEncrypted ? .encryptedHello : .serverName, name)]
  }
}
