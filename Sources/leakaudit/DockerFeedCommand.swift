import ArgumentParser
import CLinux
import Containers
import Glibc

/// Follows Docker's engine on behalf of a watch, without any privilege, since containers influence what it reads.
///
/// Before it gives up root, it starts a second process, which only connects to the engine's socket. Both end with the
/// process that started them.
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
    // The change of user cleared this setting. If it cannot be set again, the closed pipe still ends the process.
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

/// Connects to the engine's socket whenever a request comes on standard input, and passes the connection on. It keeps
/// the privileges that this takes (root, and CAP_DAC_OVERRIDE if the socket belongs to another user), and reads
/// nothing.
struct DockerConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "docker-connect", shouldDisplay: false)

  @Argument var path: String

  func run() throws {
    // A process with more privileges than it needs must not go on; the feed then says that it has no connection.
    guard linux_end_with_parent() == 0, linux_keep_file_access() == 0, linux_set_no_new_privileges() == 0,
      linux_forbid_tracing() == 0
    else { throw ExitCode(ExitStatus.noPermission.rawValue) }
    EngineConnector.serve(STDIN_FILENO, path: path)
  }
}
