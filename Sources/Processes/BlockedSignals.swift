import CLinux
import Glibc

/// Signals that are read from a descriptor (signalfd(2)) in place of interrupting the process, so that one poll(2) waits
/// for them, too.
///
/// `unsafe` because system calls take addresses. Sound: the variable outlives the calls.
package struct BlockedSignals: ~Copyable {
  package let number: Int32

  /// Blocks the signals in this thread and in all that it starts, so it must come before any other thread. Nil, with
  /// errno, if no descriptor is left.
  package init?(_ signals: [Int32]) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    number = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
    guard number >= 0 else { return nil }
  }

  deinit { close(number) }
}
