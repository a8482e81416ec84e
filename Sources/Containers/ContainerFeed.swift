import Foundation
import Glibc

/// Tells what containers run, from a process of its own, which holds no privilege: containers have a say in what it reads.
///
/// The process writes messages to a pipe, each a line of JSON, and ends when the pipe's reader has gone. Docker's socket is
/// root's, so connections to it come from a second process (`EngineConnector`). What it reads of the engine is
/// bounded in size and time.
package enum ContainerFeed {
  /// The longest line either side takes, in bytes without its end.
  package static var lineLimit: Int { 4 << 20 }

  package enum Message: Codable, Hashable, Sendable {
    /// What runs now. After `lost`, what ran until then may be wrong.
    case snapshot(ContainerSnapshot)
    /// In the order in which the engine told them.
    case event(ContainerEvent)
    /// The engine cannot be read; it is asked again until it can. Said once.
    case lost(reason: String)
    /// After `lost`: the engine answers again. A snapshot follows.
    case back
  }

  /// Where the environment says that the engine is, which a reader is told where it cannot be used: then nil.
  package static func address(output: Int32) -> EngineAddress? {
    do throws(EngineAddress.Problem) {
      return try EngineAddress(environment: ProcessInfo.processInfo.environment)
    } catch {
      tell(error.description, output: output)
      return nil
    }
  }

  /// Says why there is no feed, once, and waits for the reader to go.
  package static func tell(_ reason: String, output: Int32) {
    blockPipeSignal()
    let writer = MessageWriter(output)
    if writer.write(.lost(reason: reason)) { writer.waitForReaderToGo() }
  }

  /// Follows an engine on the calling thread. The first message, a snapshot or `lost`, comes within two seconds.
  ///
  /// - Parameter connections: who opens connections to the engine's socket; nil where this process may do so itself.
  package static func run(_ address: EngineAddress, _ connections: EngineConnections? = nil, output: Int32) {
    blockPipeSignal()
    let engine = Engine(address: address, connections: connections)
    guard var follower = EngineFollower(engine, MessageWriter(output)) else { return }
    follower.run()
  }

  /// A pipe that nobody reads shows as the write's error.
  private static func blockPipeSignal() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
