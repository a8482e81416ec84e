import CLinux
import Glibc

/// SIGTERM and SIGINT as a descriptor (signalfd(2)), so that one poll(2) waits for them, too.
///
/// `unsafe` because system calls take addresses. Sound: the variable outlives the calls.
struct EndSignals: ~Copyable {
  let number: Int32

  /// Must come before any other thread, which would otherwise get the signals. Nil if no descriptor is left.
  init?() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    number = unsafe signalfd(-1, &signals, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
    guard number >= 0 else { return nil }
  }

  deinit { close(number) }
}
