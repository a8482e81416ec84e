import ArgumentParser
import CLinux
import Containers
import Glibc

/// Follows Docker's engine on behalf of a watch, without any privilege: what it reads, containers have a say in.
///
/// Before it gives up root it starts a second process, which does nothing but connect to the engine's socket. Both end with the
/// one that started them.
struct DockerFeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "docker-feed", shouldDisplay: false)

  @Option var user: String?

  func run() throws {
    guard let address = ContainerFeed.address(output: STDOUT_FILENO) else { return }
    var connections: EngineConnections?
    do {
      if case .unixSocket(let path) = address { connections = try Self.connections(path) }
      try Privileges.drop(to: user)
    } catch {
      let reason = (error as? Failure)?.message ?? "\(error)"
      return ContainerFeed.tell("the container feed: \(reason)", output: STDOUT_FILENO)
    }
    // The change of user took it away. Where it fails, the closed pipe still ends the process.
    _ = linux_end_with_parent()
    ContainerFeed.run(address, connections, output: STDOUT_FILENO)
  }

  private static func connections(_ path: String) throws -> EngineConnections {
    var ends: (own: Int32, other: Int32) = (-1, -1)
    let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let status = unsafe withUnsafeMutablePointer(to: &ends) { ends in
      unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe socketpair(AF_UNIX, kind, 0, $0) }
    }
    guard status == 0 else { throw failure(errno) }
    defer { close(ends.other) }
    guard OwnProcess.start(["docker-connect", path], input: ends.other) != nil else {
      close(ends.own)
      throw failure(errno)
    }
    return EngineConnections(ends.own)
  }

  private static func failure(_ code: Int32) -> Failure {
    Failure(status: .noPermission, message: "its connector did not start: \(SystemError.message(code))")
  }
}

/// Connects to the engine's socket whenever its standard input asks, and passes the connection on. It holds what that takes
/// (root, and CAP_DAC_OVERRIDE where the socket is another user's), and reads nothing.
struct DockerConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "docker-connect", shouldDisplay: false)

  @Argument var path: String

  func run() throws {
    // Who holds more than it needs is not to go on; the feed then says that it has no connection.
    guard linux_end_with_parent() == 0, linux_keep_file_access() == 0, linux_set_no_new_privileges() == 0,
      linux_forbid_tracing() == 0
    else { throw ExitCode(ExitStatus.noPermission.rawValue) }
    EngineConnector.serve(STDIN_FILENO, path: path)
  }
}
