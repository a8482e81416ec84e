import CLinux
import Glibc
import Synchronization

/// The privileged half of the feed: it connects to the engine's socket, and passes the connection on.
///
/// What the engine says is influenced by containers, so who reads it is to hold no privilege; the socket is root's, and an
/// engine that restarts has to be connected to again. This half reads nothing of what comes: a byte asks it, and
/// its answer is a descriptor or errno.
///
///     reader --[0]--> connector            unix(7), SOCK_SEQPACKET
///     reader <--[errno | 0, descriptor]--
package enum EngineConnector {
  /// Serves one reader until that has gone.
  ///
  /// - Parameter socket: of a pair, the reader's end of which is `EngineConnections`'.
  package static func serve(_ socket: Int32, path: String) {
    var request: UInt8 = 0
    while true {
      let count = unsafe recv(socket, &request, 1, 0)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { return }
      let connection = connect(path)
      let status = connection < 0 ? errno : 0
      let sent = linux_send_descriptor(socket, connection, UInt8(clamping: status))
      if connection >= 0 { close(connection) }
      guard sent == 0 else { return }
    }
  }

  /// Without waiting: an engine that takes no more connections must not hold up who has to end.
  private static func connect(_ path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      errno = ENAMETOOLONG
      return -1
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let connection = socket(AF_UNIX, kind, 0)
    guard connection >= 0 else { return -1 }
    let status = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe Glibc.connect(connection, address, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if status == 0 { return connection }
    let code = errno
    close(connection)
    errno = code
    return -1
  }
}

/// The reader's end of a connector: connections to the engine's socket that somebody else opens.
package final class EngineConnections: Sendable {
  /// In milliseconds.
  private static let patience: Int32 = 1000
  private static let dontWait = Int32(MSG_DONTWAIT)
  private static let noSignal = Int32(MSG_NOSIGNAL)
  private let socket: Mutex<Int32>

  /// Takes the descriptor over.
  package init(_ socket: Int32) { self.socket = Mutex(socket) }

  deinit { _ = socket.withLock { close($0) } }

  /// Another connection, which is the caller's to close.
  func open() throws(Engine.Problem) -> Int32 {
    let answer = socket.withLock { Self.ask($0) }
    if answer.connection >= 0 { return answer.connection }
    throw Engine.Problem(reason: unsafe String(cString: strerror(answer.code)))
  }

  private static func ask(_ socket: Int32) -> (connection: Int32, code: Int32) {
    // What came too late for those who asked before: one answer each.
    var late = receive(socket, dontWait)
    while late.connection >= 0 {
      close(late.connection)
      late = receive(socket, dontWait)
    }
    var request: UInt8 = 0
    guard unsafe send(socket, &request, 1, noSignal) == 1 else { return (-1, errno) }
    var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&wanted, 1, patience) > 0 else { return (-1, ETIMEDOUT) }
    return receive(socket, 0)
  }

  /// A connection, or why there is none; EPIPE where the connector has gone.
  private static func receive(_ socket: Int32, _ flags: Int32) -> (connection: Int32, code: Int32) {
    var connection: Int32 = -1
    var status: UInt8 = 0
    while true {
      let count = unsafe linux_receive_descriptor(socket, &connection, &status, flags)
      if count < 0, errno == EINTR { continue }
      if count < 0 { return (-1, errno) }
      if count == 0 { return (-1, EPIPE) }
      return (connection, connection >= 0 ? 0 : Int32(status == 0 ? UInt8(EBADMSG) : status))
    }
  }
}
