import CLinux
import Glibc
import Wire

extension OpenAttempt {
  func startStream() throws(SocketFailure) {
    guard let socket = try open(.stream) else { return }
    self.socket = socket
    var end = destination.end
    guard try prepare(socket, &end) else { return }
    unsent = probe.message.bytes(name, isStream: true)
    isConnecting = true
    try socket.connect(end)
    source = socket.own
  }

  /// The stream can be written: it is connected.
  func goOn(_ socket: OpenSocket) throws(SocketFailure) {
    isConnecting = false
    source = socket.own
    if !unsent.isEmpty { unsent.removeFirst(try socket.send(unsent)) }
  }

  /// What the stream has brought so far says. Nil if more must come.
  func judgeStream(_ bytes: [UInt8]) -> Fate? {
    if case .dns = probe.message {
      guard bytes.count >= 2 else { return nil }
      let length = Int(bytes.view.uint16(at: 0))
      guard bytes.count >= 2 + length else { return nil }
      return judgeLookup(Array(bytes[2..<2 + length])) ?? .answered
    }
    // The answer is on this connection, so it is to this attempt, even if the name came in pieces.
    return ProbeAnswer.find(in: bytes).map { .seen($0.source.address) }
  }
}
