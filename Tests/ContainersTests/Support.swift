import Containers
import Foundation
import Glibc
import TestSupport

/// A feed on a thread of its own, read through a real pipe.
final class RunningFeed {
  private let input: Int32
  private var reader = ContainerFeed.Reader()
  private let thread = DispatchGroup()
  private(set) var messages: [ContainerFeed.Message] = []
  private(set) var problems: [ContainerFeed.Reader.Problem] = []

  convenience init(_ address: EngineAddress) throws {
    try self.init { output in ContainerFeed.run(address, output: output) }
  }

  init(_ run: @escaping @Sendable (Int32) -> Void) throws {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw ToolFailure(message: "no pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    input = ends[0]
    _ = fcntl(input, F_SETFL, O_NONBLOCK)
    let output = ends[1]
    thread.enter()
    Thread.detachNewThread { [thread] in
      run(output)
      close(output)
      thread.leave()
    }
  }

  /// Takes the reader away. False if the feed does not end within ten seconds.
  func end() -> Bool {
    close(input)
    return thread.wait(timeout: .now() + 10) == .success
  }

  /// Reads until the messages from index `start` on meet the condition.
  func waits(
    seconds: Int = 10, from start: Int = 0, for condition: (ArraySlice<ContainerFeed.Message>) -> Bool
  ) -> Bool {
    TestSupport.waits(seconds: seconds) {
      for line in reader.receive(from: input) {
        switch line {
        case .success(let message): messages.append(message)
        case .failure(let problem): problems.append(problem)
        }
      }
      return condition(messages.dropFirst(start))
    }
  }
}

extension ContainerFeed.Message {
  var snapshot: ContainerSnapshot? {
    if case .snapshot(let snapshot) = self { snapshot } else { nil }
  }
  var event: ContainerEvent? {
    if case .event(let event) = self { event } else { nil }
  }
  var lostReason: String? {
    if case .lost(let reason) = self { reason } else { nil }
  }
}
