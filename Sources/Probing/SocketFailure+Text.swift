import CGNU
import Glibc
import Text
import Wire

extension SocketFailure: CustomStringConvertible {
  /// `EPERM Operation not permitted`.
  ///
  /// `unsafe` because the C library returns an address. Sound: it is that of a constant text.
  var description: String {
    let name = unsafe strerrorname_np(code).map { unsafe String(cString: $0) } ?? "\(code)"
    return "\(name) \(SystemError.message(code))"
  }

  /// The same, and who told it, if an ICMP message did and the socket knows: a router's shows that the packet left.
  func text(_ socket: OpenSocket?) -> String {
    guard let source = socket?.takeErrorSource() else { return description }
    return "\(self), told by \(source)"
  }

  /// Whether this process itself has no room, which says nothing about the kill switch.
  var isShortage: Bool { [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(code) }
}
