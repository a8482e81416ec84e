import Foundation
import Glibc

/// This program, started again for work that needs other privileges.
///
/// `unsafe` because posix_spawn(3) takes addresses. Sound: all that it is given lives until it returns and is freed
/// once, and both lists of strings end in nil.
enum OwnProcess {
  /// The environment variables it gets: where the engine is, and what the program needs to start. Others may be secret.
  private static let kept: Set = ["DOCKER_HOST", "LD_LIBRARY_PATH", "LANG", "PATH", "TZ"]

  /// Starts it with no signal blocked, in a process group of its own, which a terminal's Ctrl-C does not reach. Without
  /// `input` it reads nothing. Returns nil and sets errno if it does not start.
  static func start(_ arguments: [String], input: Int32? = nil, output: Int32? = nil) -> pid_t? {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    if let input {
      unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    if let output {
      unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    var words = unsafe (["leakaudit"] + arguments).map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    let environment = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
    var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for index in unsafe variables.indices { unsafe free(variables[index]) } }
    var process: pid_t = 0
    let code = unsafe posix_spawn(&process, "/proc/self/exe", &actions, &attributes, &words, &variables)
    errno = code
    return code == 0 ? process : nil
  }
}
