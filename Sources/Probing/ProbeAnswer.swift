import Wire

/// What the drill's internet answers to everything but DNS: from where the message came, and which one it was.
///
///     seen 10.64.114.74 40000 n0123456789abcdef.p9.s3.drill.test
struct ProbeAnswer: Hashable, Sendable {
  let source: Endpoint
  /// Nil if the message named no attempt.
  let name: ProbeName?

  private static let word = Array("seen ".utf8)

  init(source: Endpoint, name: ProbeName?) {
    self.source = source
    self.name = name
  }

  var line: String { "seen \(source.address) \(source.port) \(name.map { "\($0)" } ?? "-")\n" }

  /// Whether bytes are such an answer: answering one would let two hosts of the drill answer each other for ever.
  static func begins(_ bytes: [UInt8]) -> Bool { bytes.starts(with: word) }

  /// The first whole answer in these bytes, which may begin with something else. Nil if there is none as yet.
  static func find(in bytes: [UInt8]) -> ProbeAnswer? {
    guard bytes.count >= word.count else { return nil }
    for start in 0...bytes.count - word.count where bytes[start...].starts(with: word) {
      if let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
        if let answer = ProbeAnswer(line: bytes[start..<end]) { return answer }
      }
    }
    return nil
  }

  init?(line: ArraySlice<UInt8>) {
    let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 4, words[0] == "seen", let address = IPAddress(words[1]), let port = UInt16(words[2]) else {
      return nil
    }
    source = Endpoint(address: address, port: port)
    name = ProbeName(words[3])
  }
}
