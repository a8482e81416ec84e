import CGNU
import Glibc
import Text

/// A running /bin/sh -c that leads its own process group.
///
/// `unsafe` because posix_spawn(3) takes addresses. Sound: all that it is given lives until it returns and is freed
/// once, and both lists of strings end in nil.
struct ShellProcess: ~Copyable {
  private static var shell: String { "/bin/sh" }

  private let number: pid_t

  /// Starts it with bytes on its standard input.
  init(
    _ line: String, input: [UInt8], output: AlertCommand.Output, _ environment: [String]
  ) throws(DeliveryFailure) {
    let input = try Self.file(input)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input.number, STDIN_FILENO)
    switch output {
    case .discarded:
      unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
      unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    case .standardError:
      unsafe posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    }
    // Not every library opens its descriptors with O_CLOEXEC, and a packet socket is a privilege.
    unsafe posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    let arguments: [String] = [Self.shell, "-c", line]
    var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe variables.indices { unsafe free(variables[index]) } }
    var number: pid_t = 0
    let code = unsafe posix_spawn(&number, Self.shell, &actions, &attributes, &pointers, &variables)
    guard code == 0 else { throw DeliveryFailure("/bin/sh cannot be run: \(SystemError.message(code))") }
    self.number = number
  }

  /// Waits for the process to end while the condition holds. Returns its wait status, or nil if it still runs.
  func wait(while condition: () -> Bool) -> Int32? {
    // No system call waits for a process with a time limit but without a signal handler or a thread for each process.
    var pause = Duration.milliseconds(1)
    var status: Int32 = 0
    while true {
      if unsafe waitpid(number, &status, WNOHANG) == number { return status }
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
