import CLinux
import Capture
import Containers
import Glibc
import Text

/// The processes that follow Docker's engine on behalf of a watch, without any privilege, since containers influence
/// what they read.
///
/// `unsafe` for socketpair(2). Sound: a tuple of two integers has the layout of an array of two.
package enum DockerFeed {
  /// The words that start this program as its connector, before the socket's path.
  package static let connector = "docker-connect"
  /// The word that starts it as the feed.
  package static let feed = "docker-feed"

  /// Follows the engine and reports on standard output, until the reader has gone.
  ///
  /// Before this process gives up root, it starts a second one, which only connects to the engine's socket. Both end
  /// with the process that started them.
  ///
  /// - Parameter user: the user that it becomes if it is root; nil for the usual one.
  package static func run(as user: String?) {
    let privileged = Privileged()
    guard let address = ContainerFeed.address(output: STDOUT_FILENO) else { return }
    var connections: EngineConnections?
    do {
      if case .unixSocket(let path) = address { connections = try Self.connections(path, privileged) }
      _ = try privileged.drop(to: user)
    } catch {
      return ContainerFeed.sendLoss("the container feed: \(error)", output: STDOUT_FILENO)
    }
    // The change of user cleared this setting. If it cannot be set again, the closed pipe still ends the process.
    _ = linux_end_with_parent()
    ContainerFeed.run(address, connections, output: STDOUT_FILENO)
  }

  /// Starts the connector.
  private static func connections(
    _ path: String, _ privileged: borrowing Privileged
  ) throws(WatchError) -> EngineConnections {
    var ends: (own: Int32, other: Int32) = (-1, -1)
    let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let status = unsafe withUnsafeMutablePointer(to: &ends) { ends in
      unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe socketpair(AF_UNIX, kind, 0, $0) }
    }
    guard status == 0 else { throw failure(errno) }
    defer { close(ends.other) }
    guard OwnProcess.start([connector, path], input: ends.other) != nil else {
      close(ends.own)
      throw failure(errno)
    }
    return EngineConnections(ends.own)
  }

  /// Connects to the engine's socket whenever a request comes on standard input, and passes the connection on. The
  /// process keeps the privileges that this takes (root, and CAP_DAC_OVERRIDE if the socket belongs to another user),
  /// and reads nothing.
  ///
  /// Returns false if it has more privileges than it needs: it must not go on then, and the feed says that it has no
  /// connection.
  package static func connect(to path: String) -> Bool {
    guard linux_end_with_parent() == 0, linux_keep_file_access() == 0, linux_set_no_new_privileges() == 0,
      linux_forbid_tracing() == 0
    else { return false }
    EngineConnector.serve(STDIN_FILENO, path: path)
    return true
  }

  private static func failure(_ code: Int32) -> WatchError {
    WatchError(.noPermission, "its connector did not start: \(SystemError.message(code))")
  }
}
