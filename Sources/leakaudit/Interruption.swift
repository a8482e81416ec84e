import Foundation
import Glibc
import Savefile
import Synchronization

/// Turns SIGINT and SIGTERM, and SIGHUP if it is told to, into an orderly end with a summary: a thread of its own waits for them.
///
/// Ctrl-C on `tcpdump -w - | leakaudit replay -` reaches both programs: tcpdump then writes what it still
/// holds and closes the pipe. So a stream gets a moment to end by itself; a second signal ends it at once.
///
/// `unsafe` because system calls take the addresses of sets of signals. Sound: the sets outlive the calls.
final class Interruption: Sendable {
  let stop = StopFlag()
  private let drains = Atomic<Bool>(false)

  /// Must be created before any other thread, which would otherwise get the signals.
  ///
  /// - Parameters:
  ///   - alsoHangup: whether a terminal that closes ends it in the same way, and not at once.
  ///   - alsoStop: what else is to end.
  init(alsoHangup: Bool = false, alsoStop: @escaping @Sendable () -> Void = {}) {
    var signals = Self.signals(alsoHangup)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    Thread.detachNewThread { [stop, weak self] in
      var signals = Self.signals(alsoHangup)
      var number: Int32 = 0
      unsafe sigwait(&signals, &number)
      if self?.drains.load(ordering: .relaxed) == true {
        var grace = timespec(tv_sec: 1, tv_nsec: 0)
        unsafe sigtimedwait(&signals, nil, &grace)
      }
      stop.request()
      alsoStop()
    }
  }

  /// From now on, the first signal gives streams a second to end by themselves.
  func drainStreams() { drains.store(true, ordering: .relaxed) }

  private static func signals(_ alsoHangup: Bool) -> sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigaddset(&signals, SIGTERM)
    if alsoHangup { unsafe sigaddset(&signals, SIGHUP) }
    return signals
  }
}
