import CLinux
import Glibc

/// A process that stays the same one, whoever gets its number when it has ended (pidfd_open(2)).
struct ProcessHandle: ~Copyable {
  private let descriptor: Int32

  /// Nil if no process has this number now.
  init?(_ number: pid_t) {
    descriptor = linux_open_process(number)
    if descriptor < 0 { return nil }
  }

  /// False if it has ended.
  func signal(_ signal: Int32) -> Bool { linux_signal_process(descriptor, signal) == 0 }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
