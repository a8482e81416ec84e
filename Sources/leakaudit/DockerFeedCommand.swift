import ArgumentParser
import Watching

/// Follows Docker's engine on behalf of a watch, which starts it.
struct DockerFeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: DockerFeed.feed, shouldDisplay: false)

  @Option var user: String?

  func run() throws { DockerFeed.run(as: user) }
}

/// Connects to the engine's socket on behalf of the feed, which starts it.
struct DockerConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: DockerFeed.connector, shouldDisplay: false)

  @Argument var path: String

  func run() throws {
    guard DockerFeed.connect(to: path) else { throw ExitCode(ExitStatus.noPermission.rawValue) }
  }
}
