import CLinux
import Foundation
import Glibc

/// Tells what containers run, from a process of its own: Docker's socket is root's, and the auditor gives root up.
///
/// The process writes messages to a pipe, each a line of JSON, and ends when the pipe's reader has gone or the thread
/// that started it ends (prctl(2), PR_SET_PDEATHSIG): it is to be started by one that lives on. What it reads of the
/// engine is bounded in size and time.
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

  /// The whole life of the process. The first message, a snapshot or `lost`, comes within two seconds.
  package static func run(output: Int32) {
    // Where it fails, the closed pipe still ends the process.
    _ = linux_end_with_parent()
    let address: EngineAddress
    do throws(EngineAddress.Problem) {
      address = try EngineAddress(environment: ProcessInfo.processInfo.environment)
    } catch {
      blockPipeSignal()
      let writer = MessageWriter(output)
      if writer.write(.lost(reason: error.description)) { writer.waitForReaderToGo() }
      return
    }
    run(address, output: output)
  }

  /// The same for any engine, on the calling thread.
  package static func run(_ address: EngineAddress, output: Int32) {
    blockPipeSignal()
    guard var follower = EngineFollower(Engine(address: address), MessageWriter(output)) else { return }
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
