package import Capture
import Containers
import Foundation
import Glibc
import Text

/// The process that follows Docker's engine, and the pipe from it.
///
/// `unsafe` for pipe(2). Sound: a tuple of two integers has the layout of an array of two.
package final class ContainerFeedProcess {
  /// Readable (poll(2)) when the process has sent something; -1 once it has ended.
  private(set) var descriptor: Int32
  private let process: pid_t
  private var reader = ContainerFeed.Reader()

  /// Starts this program again, as `docker-feed`. Nil if there is no engine to follow.
  ///
  /// - Parameter user: the user that it becomes if this process is root; nil for the usual one.
  package static func start(
    as user: String?, _ privileged: borrowing Privileged
  ) throws(WatchError) -> ContainerFeedProcess? {
    let address: EngineAddress
    do throws(EngineAddress.Problem) {
      address = try EngineAddress(environment: ProcessInfo.processInfo.environment)
    } catch {
      throw WatchError(.usage, error.description)
    }
    if address == .standard, case .unixSocket(let path) = address, !FileManager.default.fileExists(atPath: path) {
      return nil
    }
    var ends: (read: Int32, write: Int32) = (-1, -1)
    let status = unsafe withUnsafeMutablePointer(to: &ends) { ends in
      unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe pipe($0) }
    }
    guard status == 0 else { throw failure(errno) }
    for number in [ends.read, ends.write] { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends.read, F_SETFL, O_NONBLOCK)
    defer { close(ends.write) }
    let words = [DockerFeed.feed] + (user.map { ["--user", $0] } ?? [])
    guard let process = OwnProcess.start(words, output: ends.write) else {
      close(ends.read)
      throw failure(errno)
    }
    return ContainerFeedProcess(descriptor: ends.read, process: process)
  }

  private init(descriptor: Int32, process: pid_t) {
    self.descriptor = descriptor
    self.process = process
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    // If it belongs to another user, the kill fails; it then ends with this process.
    if kill(process, SIGKILL) == 0 { _ = waitpid(process, nil, 0) }
  }

  /// The messages since the last call, without waiting. Nil for each line that is no message, and once when the process
  /// has ended.
  func messages() -> [ContainerFeed.Message?] {
    guard descriptor >= 0 else { return [] }
    var messages: [ContainerFeed.Message?] = []
    while true {
      let lines = reader.receive(from: descriptor)
      if lines.isEmpty { break }
      messages += lines.map { try? $0.get() }
    }
    if reader.hasEnded {
      close(descriptor)
      descriptor = -1
      messages.append(nil)
    }
    return messages
  }

  private static func failure(_ code: Int32) -> WatchError {
    WatchError(.noPermission, "the container feed did not start: \(SystemError.message(code))")
  }
}
