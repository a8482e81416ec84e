import CLinux
import Capture
import Glibc
import Processes
import Text

/// Signals read from a descriptor (signalfd(2)): SIGINT and SIGTERM end a watch, SIGUSR1 asks for a summary. SIGHUP from
/// a program, such as logrotate, asks for files to be opened anew; from the kernel it says that the terminal is gone.
///
/// `unsafe` because read(2) takes an address. Sound: the variable outlives the call, and the record's size is checked.
struct SignalDescriptor: ~Copyable {
  enum Request { case end, summary, reopen }

  /// SI_KERNEL, a macro that the importer cannot see.
  private static var fromKernel: Int32 { 0x80 }

  private let signals: BlockedSignals
  var number: Int32 { signals.number }

  /// Must come before any other thread.
  init(_ privileged: borrowing Privileged) throws(WatchError) {
    guard let signals = BlockedSignals([SIGINT, SIGTERM, SIGHUP, SIGUSR1]) else {
      throw WatchError(.noPermission, "signals cannot be waited for: \(SystemError.message(errno))")
    }
    self.signals = signals
  }

  /// The next signal that arrived; never waits.
  func next() -> Request? {
    var signal = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard unsafe read(number, &signal, size) == size else { return nil }
    switch Int32(bitPattern: signal.ssi_signo) {
    case SIGUSR1: return .summary
    case SIGHUP where signal.ssi_code != Self.fromKernel: return .reopen
    default: return .end
    }
  }
}
