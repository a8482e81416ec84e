import Foundation

/// The engine's form for both outputs of a program in one stream (POST /containers/{id}/attach, "Stream format"):
///
///     +------+---+---+---+---------------+-----------+
///     | kind | 0 | 0 | 0 | length, 32 bit | that text |   kind: 1 standard output, 2 standard error
///     +------+---+---+---+---------------+-----------+
///
/// For a container with a terminal, the stream is the text alone.
enum EngineStream {
  /// - Parameter kind: the wanted kind; nil for both. A piece that was cut off is used as far as it goes.
  static func text(_ bytes: [UInt8], kind: UInt8?) -> String {
    var rest = bytes[...]
    var text: [UInt8] = []
    while rest.count >= 8 {
      let head = Array(rest.prefix(8))
      guard head[0] <= 2, head[1...3].allSatisfy({ $0 == 0 }) else { break }
      let length = head[4...].reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(8)
      if kind == nil || kind == head[0] { text += rest.prefix(length) }
      rest = rest.dropFirst(length)
      if rest.isEmpty { return String(decoding: text, as: UTF8.self) }
    }
    // The stream never had that form.
    return String(decoding: text.isEmpty && rest.count == bytes.count ? bytes : text, as: UTF8.self)
  }
}
