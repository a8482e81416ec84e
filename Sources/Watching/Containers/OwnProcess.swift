import Foundation
import Glibc
import Processes

/// This program, started again for work that needs other privileges.
enum OwnProcess {
  /// The environment variables it gets: where the engine is, and what the program needs to start. Others may be secret.
  private static let kept: Set = ["DOCKER_HOST", "LD_LIBRARY_PATH", "LANG", "PATH", "TZ"]

  /// Starts it. Without `input` it reads nothing, and what it writes without `output` is lost. Returns nil and sets errno
  /// if it does not start.
  static func start(_ arguments: [String], input: Int32? = nil, output: Int32? = nil) -> pid_t? {
    let environment = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
    let started = ChildProcess.start(
      "/proc/self/exe", ["leakaudit"] + arguments, environment: environment.map { "\($0.key)=\($0.value)" },
      input: input.map { .descriptor($0) } ?? .null, output: output.map { .descriptor($0) } ?? .null, errors: .inherited
    )
    switch started {
    case .process(let number): return number
    case .failure(let code):
      errno = code
      return nil
    }
  }
}
