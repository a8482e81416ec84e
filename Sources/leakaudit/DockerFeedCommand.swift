import ArgumentParser
import CLinux
import Containers
import Glibc

/// Follows Docker's engine on behalf of a watch, which starts it while it still may reach the engine's socket.
struct DockerFeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "docker-feed", shouldDisplay: false)

  func run() throws {
    _ = linux_end_with_parent()
    let host = unsafe getenv("DOCKER_HOST").map { unsafe String(cString: $0) }
    do throws(EngineError) {
      ContainerFeed(try DockerEngine(host: host), output: STDOUT_FILENO).run()
    } catch {
      throw Failure(status: .usage, message: error.reason)
    }
  }
}
