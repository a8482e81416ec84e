import CGNU
import Glibc
import Processes
import Text

/// A running /bin/sh -c that leads its own process group.
///
/// `unsafe` for memfd_create(2) and pwrite(2). Sound: the name and the bytes outlive the calls.
struct ShellProcess: ~Copyable {
  private static var shell: String { "/bin/sh" }

  private let number: pid_t

  /// Starts it with bytes on its standard input.
  init(
    _ line: String, input: [UInt8], output: AlertCommand.Output, _ environment: [String]
  ) throws(DeliveryFailure) {
    let input = try Self.file(input)
    let stream: ChildProcess.Stream =
      switch output {
      case .discarded: .null
      case .standardError: .descriptor(STDERR_FILENO)
      }
    let started = ChildProcess.start(
      Self.shell, [Self.shell, "-c", line], environment: environment, input: .descriptor(input.number), output: stream,
      errors: output == .discarded ? .null : .inherited)
    switch started {
    case .process(let number): self.number = number
    case .failure(let code): throw DeliveryFailure("/bin/sh cannot be run: \(SystemError.message(code))")
    }
  }

  /// Waits for the process to end while the condition holds. Returns its wait status, or nil if it still runs.
  func wait(while condition: () -> Bool) -> Int32? {
    // No system call waits for a process with a time limit but without a signal handler or a thread for each process.
    var pause = Duration.milliseconds(1)
    while true {
      if let status = ChildProcess.status(of: number) { return status }
      guard condition() else { return nil }
      Self.pause(pause)
      pause = min(pause * 2, .milliseconds(20))
    }
  }

  static func pause(_ length: Duration) { _ = poll(nil, 0, Int32(length / .milliseconds(1))) }

  /// Sends a signal to the whole group. Call it only before the process was waited for: until then its number cannot
  /// belong to another process.
  func signal(_ signal: Int32) { kill(-number, signal) }

  /// The bytes as a file in memory. A pipe would make the writer wait for a command that does not read.
  private static func file(_ bytes: [UInt8]) throws(DeliveryFailure) -> OwnedDescriptor {
    let number = unsafe memfd_create("alert", UInt32(memfd_close_on_exec))
    guard number >= 0 else { throw DeliveryFailure("no file in memory can be made: \(SystemError.message(errno))") }
    let file = OwnedDescriptor(number)
    guard unsafe bytes.withUnsafeBytes({ unsafe pwrite(number, $0.baseAddress, $0.count, 0) }) == bytes.count else {
      throw DeliveryFailure("no file in memory can be made: \(SystemError.message(errno))")
    }
    return file
  }
}
