import ArgumentParser
import Containers
import Glibc

/// Follows Docker's engine on behalf of a watch, which starts it while it still may reach the engine's socket.
struct DockerFeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "docker-feed", shouldDisplay: false)

  func run() throws { ContainerFeed.run(output: STDOUT_FILENO) }
}
