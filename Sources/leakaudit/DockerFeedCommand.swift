import ArgumentParser
import Watching

/// Follows Docker's engine on behalf of a watch, which starts it.
struct DockerFeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: DockerFeed.feed, shouldDisplay: false)

  @Option var user: String?

  func run() throws { DockerFeed.run(as: user) }
}
