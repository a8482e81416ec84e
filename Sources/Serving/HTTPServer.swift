import Dispatch
import Foundation
import Glibc
package import Policy
import Synchronization

/// A server of few pages for few readers, on one thread of its own: HTTP/1.1, one request a connection.
///
/// Everything is bounded: connections, listeners, the length of a head, the time that each step may take, what may wait for a
/// slow reader. Whoever exceeds one of them loses the connection and nobody else anything; where all places are taken, who came
/// first and has not finished its request loses his.
package final class HTTPServer: Sendable {
  package struct Limits: Sendable {
    package var connections = 64
    /// Of one peer: nobody takes all places.
    package var connectionsOfPeer = 32
    package var listeners = 16
    /// For a head to come, and for an answer to be taken.
    package var step = Duration.seconds(10)
    /// For a site to have its answer.
    package var answer = Duration.seconds(3)
    /// Between two signs of life to listeners.
    package var keepAlive = Duration.seconds(15)

    package init() {}
  }

  let site: any Site
  let door: Door
  let limits: Limits
  let log = EventLog()
  let bell: Bell
  private let ended = DispatchSemaphore(value: 0)
  private let isEnding = Atomic<Bool>(false)

  /// Serves until `end` is called.
  ///
  /// - Parameter bell: rung where an answer may be there for those who wait.
  package init(
    _ socket: consuming ListeningSocket, site: any Site, door: Door, bell: Bell, limits: Limits = Limits()
  ) {
    self.bell = bell
    self.site = site
    self.door = door
    self.limits = limits
    let box = Box(socket)
    Thread.detachNewThread { [self] in
      // A signal is for the thread that waits for it.
      var signals = sigset_t()
      unsafe sigfillset(&signals)
      unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
      // On Linux that is of this thread alone: who asks without end takes no time from those who audit.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
      guard let socket = box.value.withLock({ $0.take() }) else { return }
      var rounds = ServingRounds(socket, self)
      while !isEnding.load(ordering: .relaxed) { rounds.next() }
      // What was told last is sent, as far as it is taken at once.
      rounds.next()
      ended.signal()
    }
  }

  /// Tells listeners of an event: one line of JSON. From any thread; never waits for a reader.
  package func publish(_ event: String, _ severity: Severity) {
    log.append(event, severity)
    bell.ring()
  }

  /// Takes no more connections and ends those that there are, within a second.
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
