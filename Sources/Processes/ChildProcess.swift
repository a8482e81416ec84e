import CGNU
import CLinux
import Glibc

/// Starts other programs.
///
/// `unsafe` because posix_spawn(3) takes addresses. Sound: all that it is given lives until it returns and is freed
/// once, and both lists of strings end in nil.
package enum ChildProcess {
  /// What a child has as one of its standard streams.
  package enum Stream: Sendable {
    /// Nothing to read; what is written is lost.
    case null
    /// This process's own stream of that number.
    case inherited
    case descriptor(Int32)
  }

  /// The child's number, or errno.
  package enum Started {
    case process(Int32)
    case failure(Int32)
  }

  /// Starts a program with no signal blocked or ignored, and with no descriptor but its standard streams: not every
  /// library opens its own with O_CLOEXEC, and a packet socket is a privilege. It leads a process group, which a
  /// terminal's Ctrl-C does not reach.
  ///
  /// - Parameters:
  ///   - program: its whole path.
  ///   - words: what it is called, and its arguments.
  ///   - environment: `NAME=value`.
  package static func start(
    _ program: String, _ words: [String], environment: [String], input: Stream = .null, output: Stream = .null,
    errors: Stream = .null
  ) -> Started {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (number, stream) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
      switch stream {
      case .inherited: break
      case .descriptor(let source): unsafe posix_spawn_file_actions_adddup2(&actions, source, number)
      case .null:
        let direction = number == STDIN_FILENO ? O_RDONLY : O_WRONLY
        unsafe posix_spawn_file_actions_addopen(&actions, number, "/dev/null", direction, 0)
      }
    }
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

    var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe variables.indices { unsafe free(variables[index]) } }
    var number: pid_t = 0
    let code = unsafe posix_spawn(&number, program, &actions, &attributes, &pointers, &variables)
    return code == 0 ? .process(number) : .failure(code)
  }

  /// Its wait status (wait(2)), once it has ended; nil while it runs.
  package static func status(of number: Int32) -> Int32? {
    var status: Int32 = 0
    return unsafe waitpid(number, &status, WNOHANG) == number ? status : nil
  }
}
