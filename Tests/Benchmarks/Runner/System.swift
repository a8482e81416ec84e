import Glibc
import MallocCounter

/// What ends the benchmark early.
struct Failure: Error {
  let status: Int32
  let message: String

  static func system(_ what: String) -> Failure {
    Failure(status: 74, message: "\(what): \(unsafe String(cString: strerror(errno)))")
  }
}

/// SIGINT and SIGTERM are blocked and checked between steps, so that the files are always removed.
enum Interruption {
  static func hold() {
    var signals = Self.signals
    unsafe sigprocmask(SIG_BLOCK, &signals, nil)
  }

  static func check() throws(Failure) {
    var pending = sigset_t()
    unsafe sigpending(&pending)
    for signal in [SIGINT, SIGTERM] where unsafe sigismember(&pending, signal) == 1 {
      throw Failure(status: 128 + signal, message: "interrupted")
    }
  }

  private static var signals: sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigaddset(&signals, SIGTERM)
    return signals
  }
}

/// A private directory that is removed, with its contents, when this value ends.
struct TemporaryDirectory: ~Copyable {
  let path: String

  init(in parent: String) throws(Failure) {
    var template = Array("\(parent)/leakaudit-benchmarks-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw .system(parent) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    empty()
    unsafe rmdir(path)
  }

  /// Removes all files.
  func empty() {
    guard let folder = unsafe opendir(path) else { return }
    defer { unsafe closedir(folder) }
    while let entry = unsafe readdir(folder) {
      unsafe unlinkat(dirfd(folder), &entry.pointee.d_name.0, 0)
    }
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A file written in one go.
struct OutputFile: ~Copyable {
  private let number: Int32
  private let path: String

  init(_ path: String) throws(Failure) {
    self.path = path
    number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw .system(path) }
  }

  deinit { close(number) }

  func write(_ bytes: [UInt8]) throws(Failure) {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(number, bytes.baseAddress! + offset, bytes.count - offset)
      }
      guard count > 0 else { throw .system(path) }
      offset += count
    }
  }
}

/// The cost of running a program.
struct Run {
  var status: Int32
  /// In seconds.
  var wall: Double
  var cpu: Double
  /// In KiB. Linux counts the runner's own peak at the fork, so the runner frees what it can, and the peak is
  /// reset before each run.
  var peakMemory: Int
}

enum Program {
  /// Runs a program on one core, its output into a file.
  static func run(_ arguments: [String], output: String) throws(Failure) -> Run {
    try Interruption.check()
    let line = ["taskset", "-c", "0"] + arguments
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    unsafe sigemptyset(&noSignals)
    unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pointers = unsafe line.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    var process: pid_t = 0
    forgetPeakMemory()
    let start = ContinuousClock.now
    let code = unsafe posix_spawnp(&process, line[0], &actions, &attributes, &pointers, environ)
    guard code == 0 else { throw Failure(status: 69, message: "\(line[0]) cannot be run; it is part of util-linux") }
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(process, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw .system("wait4") }
    }
    let wall = (ContinuousClock.now - start) / .seconds(1)
    guard status & 0x7F == 0 else {
      throw Failure(status: 70, message: "\(arguments[0]) died of signal \(status & 0x7F)")
    }
    return Run(
      status: status >> 8 & 0xFF, wall: wall, cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      peakMemory: usage.ru_maxrss)
  }
}

/// Resets the runner's peak to its current memory (proc(5), /proc/PID/clear_refs).
private func forgetPeakMemory() {
  malloc_give_back()
  guard let file = unsafe fopen("/proc/self/clear_refs", "w") else { return }
  unsafe fputs("5", file)
  unsafe fclose(file)
}

private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

/// A file's text; empty where there is none.
func text(_ path: String) -> String {
  guard let file = unsafe fopen(path, "r") else { return "" }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  while true {
    let byte = unsafe getc(file)
    if byte == EOF { break }
    bytes.append(UInt8(truncatingIfNeeded: byte))
  }
  return String(decoding: bytes, as: UTF8.self)
}
