import Foundation

/// What the feed tells the audit, one JSON object a line.
package enum ContainerMessage: Codable, Equatable, Sendable {
  case snapshot(ContainerSnapshot)
  /// Something happened to a container or a network; `time` is nanoseconds since 1970, as the engine has it.
  case event(time: Int64, isNetwork: Bool, text: String)
  /// The engine does not answer any more, or never did.
  case lost(reason: String)
  /// It answers again.
  case back
}

/// Bytes from the feed's pipe to messages.
package struct ContainerMessageReader: Sendable {
  /// The longest line that is read, in bytes.
  package static let lineLimit = 4 << 20

  private var buffer: [UInt8] = []

  package init() {}

  /// Returns the messages that are complete now. Throws where the feed does not speak as it should.
  package mutating func take(_ bytes: [UInt8]) throws(EngineError) -> [ContainerMessage] {
    buffer += bytes
    var messages: [ContainerMessage] = []
    while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
      let line = Data(buffer[..<end])
      buffer.removeSubrange(...end)
      guard let message = try? JSONDecoder().decode(ContainerMessage.self, from: line) else {
        throw EngineError(reason: "the container feed said what is no message")
      }
      messages.append(message)
    }
    guard buffer.count <= Self.lineLimit else { throw EngineError(reason: "the container feed's line has no end") }
    return messages
  }
}
