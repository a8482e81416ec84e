import CLinux
import Capture
import Glibc
import Text

/// Tells that interfaces come and go (rtnetlink(7)).
///
/// `unsafe` for recv(2). Sound: the array outlives the call and has the stated length.
struct LinkEvents: ~Copyable {
  /// Readable (poll(2)) when something has changed.
  let number: Int32

  init(_ privileged: borrowing Privileged) throws(WatchError) {
    number = linux_open_link_events()
    guard number >= 0 else {
      throw WatchError(.noPermission, "interfaces cannot be watched: \(SystemError.message(errno))")
    }
  }

  deinit { close(number) }

  /// Whether there was a message since the last call; never waits. It only matters that there was one: what it says is
  /// looked up anew.
  func haveCome() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var haveCome = false
    // ENOBUFS means that there were too many.
    while unsafe recv(number, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 || errno == ENOBUFS { haveCome = true }
    return haveCome
  }
}
