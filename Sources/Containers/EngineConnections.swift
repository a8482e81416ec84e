import CLinux
import Glibc
import Synchronization

/// The reader's end of a connector: it gets connections to the engine's socket that another process opens.
///
/// `unsafe` because socket calls take addresses. Sound: the variables outlive the calls, and their sizes are given;
/// the system's message is copied at once.
package final class EngineConnections: Sendable {
  private static let timeout = Duration.seconds(1)
  private static let dontWait = Int32(MSG_DONTWAIT)
  private static let noSignal = Int32(MSG_NOSIGNAL)

  private struct Reader {
    let socket: Int32
    var latest: UInt32 = 0
  }

  private let reader: Mutex<Reader>

  /// Takes over the descriptor.
  package init(_ socket: Int32) { reader = Mutex(Reader(socket: socket)) }

  deinit { _ = reader.withLock { close($0.socket) } }

  /// A new connection; the caller must close it.
  package func open() throws(Engine.Problem) -> Int32 {
    let answer = reader.withLock { reader in
      reader.latest &+= 1
      return Self.ask(reader.socket, reader.latest)
    }
    if answer.connection >= 0 { return answer.connection }
    throw Engine.Problem(reason: unsafe String(cString: strerror(answer.code)))
  }

  /// Asks for a connection. Late answers to earlier requests are dropped.
  private static func ask(_ socket: Int32, _ number: UInt32) -> (connection: Int32, code: Int32) {
    var request = number
    guard unsafe send(socket, &request, MemoryLayout<UInt32>.size, noSignal | dontWait) >= 0 else {
      return (-1, errno == EAGAIN ? ETIMEDOUT : errno)
    }
    let end = ContinuousClock.now + timeout
    while true {
      var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      let left = Int32(max(0, (end - .now) / .milliseconds(1)).rounded(.up))
      let ready = unsafe poll(&wanted, 1, left)
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return (-1, ETIMEDOUT) }
      var (connection, answer) = (Int32(-1), linux_answer())
      let count = unsafe linux_receive_descriptor(socket, &connection, &answer, dontWait)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count < 0 { return (-1, errno) }
      // The connector has gone.
      if count == 0 { return (-1, EPIPE) }
      if count == MemoryLayout<linux_answer>.size, answer.request == number {
        return (connection, connection >= 0 ? 0 : answer.status == 0 ? EBADMSG : answer.status)
      }
      if connection >= 0 { close(connection) }
    }
  }
}
