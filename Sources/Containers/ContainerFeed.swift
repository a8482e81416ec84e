import Foundation
import Glibc

/// Reports what containers run, from a process of its own. This process has no privilege, since containers influence
/// what it reads.
///
/// The process writes messages to a pipe, each a line of JSON, and ends when the pipe's reader has gone. Docker's
/// socket belongs to root, so a second process makes the connections to it (`EngineConnector`). What is read from the
/// engine is bounded in size and time.
///
/// `unsafe` because system calls take the address of a set of signals. Sound: the set outlives the calls.
package enum ContainerFeed {
  /// The longest line that either side accepts, in bytes without its line feed.
  package static var lineLimit: Int { 4 << 20 }

  package enum Message: Codable, Hashable, Sendable {
    /// What runs now. After `lost`, what was reported as running until then may be wrong.
    case snapshot(ContainerSnapshot)
    /// Events come in the engine's order.
    case event(ContainerEvent)
    /// The engine cannot be read; it is asked again until it answers. Sent once.
    case lost(reason: String)
    /// After `lost`: the engine answers again. A snapshot follows.
    case back
  }

  /// The engine's address from the environment. If it cannot be used, the reader is told why, and the result is nil.
  package static func address(output: Int32) -> EngineAddress? {
    do throws(EngineAddress.Problem) {
      return try EngineAddress(environment: ProcessInfo.processInfo.environment)
    } catch {
      sendLoss(error.description, output: output)
      return nil
    }
  }

  /// Tells the reader once why there is no feed, and waits until the reader has gone.
  package static func sendLoss(_ reason: String, output: Int32) {
    blockPipeSignal()
    let writer = MessageWriter(output)
    if writer.write(.lost(reason: reason)) { writer.waitForReaderToGo() }
  }

  /// Follows an engine on the calling thread. The first message, a snapshot or `lost`, comes within two seconds.
  ///
  /// - Parameter connections: opens connections to the engine's socket; nil if this process may do so itself.
  package static func run(_ address: EngineAddress, _ connections: EngineConnections? = nil, output: Int32) {
    blockPipeSignal()
    let engine = Engine(address: address, connections: connections)
    guard var follower = EngineFollower(engine, MessageWriter(output)) else { return }
    follower.run()
  }

  /// A write to a pipe without a reader then returns an error.
  private static func blockPipeSignal() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
