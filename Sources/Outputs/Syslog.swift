import Glibc
import Text

/// The machine's log, through the socket on which its daemon listens for datagrams.
///
/// Each datagram is addressed to the path, so that a daemon that restarted with a new socket there gets the next alert.
///
/// `unsafe` because socket calls take addresses. Sound: the variables outlive the calls, their sizes are given, and the
/// path is copied only if it fits.
package struct Syslog: ~Copyable, AlertOutlet {
  /// In total long enough for a daemon to restart.
  private static var waits: [Duration] { [.milliseconds(100), .milliseconds(500), .seconds(2)] }
  /// How long each try waits for a daemon that accepts no messages.
  private static var sendTimeout: timeval { timeval(tv_sec: 2, tv_usec: 0) }

  package let name: String
  private let path: String
  private let dialect: SyslogDialect
  private let socket: OwnedDescriptor

  /// - Parameter path: the daemon's socket.
  package init(path: String = "/dev/log", dialect: SyslogDialect = .local) throws(DeliveryFailure) {
    name = "syslog \(Formatting.safe(path))"
    guard Self.address(path) != nil else {
      throw DeliveryFailure("syslog \(Formatting.safe(path)): the path of a socket has at most 107 bytes")
    }
    let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw DeliveryFailure("syslog: no socket can be made: \(SystemError.message(errno))") }
    self.path = path
    self.dialect = dialect
    socket = OwnedDescriptor(number)
    var timeout = Self.sendTimeout
    unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  package mutating func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
    let message = SyslogMessage(alert, dialect).bytes
    for wait in Self.waits {
      guard send(message) != nil else { return }
      guard ending.wait(until: .now + wait) else { break }
    }
    if let code = send(message) { throw DeliveryFailure(SystemError.message(code)) }
  }

  /// Returns errno if the daemon did not accept the message, otherwise nil.
  private func send(_ message: [UInt8]) -> Int32? {
    guard var address = Self.address(path) else { return ENAMETOOLONG }
    let sent = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe sendto(
          socket.number, message, message.count, Int32(MSG_NOSIGNAL), address,
          socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return sent < 0 ? errno : nil
  }

  private static func address(_ path: String) -> sockaddr_un? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
      guard bytes.count < field.count, !bytes.contains(0) else { return false }
      unsafe field.copyBytes(from: bytes)
      return true
    }
    return fits ? address : nil
  }
}
