import CLinux
import Glibc

/// The privileged half of the feed: it connects to the engine's socket and passes the connection on.
///
/// Containers influence what the engine says, so the process that reads it must have no privilege. But the socket
/// belongs to root, and an engine that restarts needs a new connection. This half reads nothing from the engine: the
/// reader sends it a number, and its answer is that number and a descriptor or errno.
///
///     reader --[number]--> connector                    unix(7), SOCK_SEQPACKET
///     reader <--[number, errno | 0, descriptor]--
///
/// `unsafe` because socket calls take addresses. Sound: the variables outlive the calls, and the path is copied only
/// if it fits.
package enum EngineConnector {
  /// Serves one reader until the reader has gone.
  ///
  /// - Parameter socket: one end of a pair whose other end belongs to `EngineConnections`.
  package static func serve(_ socket: Int32, path: String) {
    var request: UInt32 = 0
    while true {
      let count = unsafe recv(socket, &request, MemoryLayout<UInt32>.size, 0)
      if count < 0, errno == EINTR { continue }
      guard count == MemoryLayout<UInt32>.size else { return }
      let connection = connect(path)
      let answer = linux_answer(request: request, status: connection < 0 ? errno : 0)
      let sent = linux_send_descriptor(socket, connection, answer)
      if connection >= 0 { close(connection) }
      guard sent == 0 else { return }
    }
  }

  /// Connects without waiting: an engine that accepts no more connections must not delay the end of this process.
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
