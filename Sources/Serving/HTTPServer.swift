import Dispatch
import Foundation
import Glibc
package import Policy
import Synchronization

/// A server of few pages for few readers, on one thread of its own: HTTP/1.1, one request per connection.
///
/// Everything is bounded: connections, listeners, the length of a head, the time of each step, and the backlog of a
/// slow reader. A client that exceeds a bound loses its connection; others are not affected. If all places are taken,
/// the oldest client without a complete request loses its place.
///
/// `unsafe` because system calls take the address of a set of signals. Sound: the set outlives the calls.
package final class HTTPServer: Sendable {
  package struct Limits: Sendable {
    package var connections = 64
    /// The connections of one peer, so that nobody takes all places.
    package var connectionsOfPeer = 32
    package var listeners = 16
    /// The time for a head to arrive, and for an answer to be read.
    package var step = Duration.seconds(10)
    /// The time for a site to have its answer.
    package var answer = Duration.seconds(3)
    /// The time between two keep-alive comments to listeners.
    package var keepAlive = Duration.seconds(15)

    package init() {}
  }

  let site: any Site
  let access: AccessCheck
  let limits: Limits
  let log = EventLog()
  let bell: Bell
  private let ended = DispatchSemaphore(value: 0)
  private let isEnding = Atomic<Bool>(false)

  /// Serves until `end` is called.
  ///
  /// - Parameter bell: rung when a waiting request may have its answer.
  package init(
    _ socket: consuming ListeningSocket, site: any Site, access: AccessCheck, bell: Bell, limits: Limits = Limits()
  ) {
    self.bell = bell
    self.site = site
    self.access = access
    self.limits = limits
    let box = Box(socket)
    Thread.detachNewThread { [self] in
      // Signals are left to the thread that waits for them.
      var signals = sigset_t()
      unsafe sigfillset(&signals)
      unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
      // On Linux this applies to this thread alone: endless requests take no time from the audit.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
      guard let socket = box.value.withLock({ $0.take() }) else { return }
      var rounds = ServingRounds(socket, self)
      while !isEnding.load(ordering: .relaxed) { rounds.next() }
      // Send the last events, as far as the peers accept them at once.
      rounds.next()
      ended.signal()
    }
  }

  /// Sends listeners an event: one line of JSON. May be called from any thread; never waits for a reader.
  package func publish(_ event: String, _ severity: Severity) {
    log.append(event, severity)
    bell.ring()
  }

  /// Accepts no more connections and ends the existing ones, within a second.
  package func end() {
    isEnding.store(true, ordering: .relaxed)
    bell.ring()
    _ = ended.wait(timeout: .now() + 1)
  }
}

private final class Box: Sendable {
  let value: Mutex<ListeningSocket?>

  init(_ socket: consuming ListeningSocket) { value = Mutex(socket) }
}
