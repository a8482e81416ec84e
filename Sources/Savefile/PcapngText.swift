/// Text in the form that block options need.
enum PcapngText {
  /// In bytes. Longer text is cut.
  static var greatestLength: Int { 4096 }

  /// UTF-8 of bounded length. Longer text is cut between two Unicode scalars and ends in an ellipsis. A zero byte would
  /// end the text for its readers (section 3.5) and hide what follows, so it becomes U+FFFD.
  static func bytes(_ text: String, atMost limit: Int = greatestLength) -> [UInt8] {
    let ellipsis = Array("…".utf8)
    var bytes: [UInt8] = []
    var roomForEllipsis = 0
    for scalar in text.unicodeScalars {
      bytes += UTF8.encode(scalar == "\0" ? "\u{FFFD}" : scalar) ?? UTF8.encodedReplacementCharacter
      if bytes.count > limit { return Array(bytes[..<roomForEllipsis]) + ellipsis }
      if bytes.count + ellipsis.count <= limit { roomForEllipsis = bytes.count }
    }
    return bytes
  }
}
