import CGNU
import Glibc
import Text

extension SocketFailure: CustomStringConvertible {
  /// `EPERM Operation not permitted`.
  ///
  /// `unsafe` because the C library returns an address. Sound: it is that of a constant text.
  var description: String {
    let name = unsafe strerrorname_np(code).map { unsafe String(cString: $0) } ?? "\(code)"
    return "\(name) \(SystemError.message(code))"
  }

  /// Whether this process itself has no room, which says nothing about the kill switch.
  var isShortage: Bool { [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(code) }
}
