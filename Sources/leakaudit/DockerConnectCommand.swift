import ArgumentParser
import Watching

/// Connects to the engine's socket on behalf of the feed, which starts it.
struct DockerConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: DockerFeed.connector, shouldDisplay: false)

  @Argument var path: String

  func run() throws {
    guard DockerFeed.connect(to: path) else { throw ExitCode(ExitStatus.noPermission.rawValue) }
  }
}
