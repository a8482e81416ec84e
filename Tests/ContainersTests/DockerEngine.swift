import Foundation
import Glibc
import TestSupport
import Testing

/// The test's own Docker engine: in namespaces for network, mounts and processes, with a directory for all that it
/// writes. It ends, with its containers, when this does.
final class DockerEngine {
  /// Foundation starts programs with the blocked signals of the thread that asks: the engine could only be killed.
  private static let unblockSignals =
    "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execvp(sys.argv[1], sys.argv[1:])"

  /// The first process of the namespaces; all others end with it. Where AppArmor's files cannot be seen, and without
  /// CAP_SYS_MODULE, the engine changes nothing in the kernel outside the namespaces.
  private static let firstProcess = #"""
    directory=$1 group=$2
    mount -t proc proc /proc
    mount -t tmpfs tmpfs /run
    [[ ! -d /sys/kernel/security ]] || mount -t tmpfs tmpfs /sys/kernel/security
    ip link set lo up
    echo '{}' >"$directory/daemon.json"
    while read -r word; do
      case $word in
        start)
          setpriv --bounding-set=-sys_module dockerd --config-file "$directory/daemon.json" \
            --host "unix://$directory/socket" --pidfile "$directory/pid" --data-root "$directory/data" \
            --exec-root "$directory/exec" --iptables=false --ip6tables=false --userland-proxy=false \
            --cgroup-parent "/$group" --exec-opt native.cgroupdriver=cgroupfs </dev/null >>"$directory/log" 2>&1 &
          engine=$! ;;
        stop) kill "$engine"; wait "$engine" ;;
      esac
      echo "$word" >>"$directory/obeyed"
    done
    """#

  static let image = "tiny"
  let directory: TemporaryDirectory
  private let group: String
  private let words: FileHandle
  private let process = Process()
  private var told = ""

  var socketPath: String { directory.path("socket") }

  /// Needs root and Docker's engine.
  init() throws {
    directory = try TemporaryDirectory()
    group = "leakaudit-\(directory.path.suffix(8))"
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["python3", "-c", Self.unblockSignals, "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"]
      + ["bash", "-uc", Self.firstProcess, "bash", directory.path, group]
    let input = Pipe()
    words = input.fileHandleForWriting
    process.standardInput = input
    try process.run()
    try start()
    try shell(#"tar -C / -c "$(readlink -f "$(command -v busybox)" | cut -c2-)" | docker import - \#(Self.image)"#)
  }

  func start() throws {
    try tell("start")
    guard try waits(seconds: 30, for: { try run("docker version") == 0 }) else {
      throw ToolFailure(message: "no engine: \(directory.text("log").suffix(1000))")
    }
  }

  func stop() throws { try tell("stop") }

  private func tell(_ word: String) throws {
    try words.write(contentsOf: Data("\(word)\n".utf8))
    told += "\(word)\n"
    guard waits(seconds: 30, for: { directory.text("obeyed") == told }) else {
      throw ToolFailure(message: "\(word) was not obeyed: \(directory.text("log").suffix(1000))")
    }
  }

  /// Starts a container that waits, and that ends as soon as it is asked to.
  func container(_ name: String, _ options: String...) throws {
    let sleep = #""$(readlink -f "$(command -v busybox)")" sleep 600"#
    let options = options.joined(separator: " ")
    try shell("docker run --detach --stop-signal KILL --name \(name) \(options) \(Self.image) \(sleep)")
  }

  /// Runs a command line that uses this engine.
  func shell(_ line: String) throws {
    guard try run(line) == 0 else {
      throw ToolFailure(message: "\(line): \(directory.text("shell")); \(directory.text("log").suffix(1000))")
    }
  }

  /// The same for one whose output is a line.
  func answer(_ line: String) throws -> String {
    try shell(line)
    return directory.text("shell").split(separator: "\n").last.map(String.init) ?? ""
  }

  private func run(_ line: String) throws -> Int32 {
    let shell = Process()
    shell.executableURL = URL(filePath: "/usr/bin/env")
    shell.arguments = ["timeout", "30", "bash", "-c", "exec >\"$DOCKER_CONFIG/shell\" 2>&1; \(line)"]
    shell.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "DOCKER_HOST": "unix://\(socketPath)",
      "DOCKER_CONFIG": directory.path,
    ]
    shell.standardInput = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    return shell.terminationStatus
  }

  deinit {
    try? words.close()
    process.waitUntilExit()
    // Of version 2, and the hierarchies of version 1 one level down; a group is removed by its own.
    let remove =
      "for group in /sys/fs/cgroup/\(group) /sys/fs/cgroup/*/\(group); do "
      + "[ ! -d $group ] || find $group -depth -type d -exec rmdir {} + || exit 1; done"
    if !waits(for: { (try? run(remove)) == 0 }) { print("control groups named \(group) stay") }
  }
}
