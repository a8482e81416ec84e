import Foundation
import Glibc
import PolicyFiles
import StackCheck

/// Runs a stack's start-up scripts and hooks in a sandbox, and reads the rules that are really there afterwards.
///
///     this program, root                      the sandbox: namespaces of its own for users, mounts,
///       files, copied, without keys  ------>  processes, network and the rest; its root is nobody outside
///       NamespaceReader  <-- step scripts --    start-up scripts
///                        <-- step up ------     wg-quick up, with an interface in the tunnel's place
///                        <-- step down ----     wg-quick down
///
/// Its network has no way out, and it ends with this process or when its time is up.
struct Rehearsal {
  private static let timeout = Duration.seconds(60)
  private static let nobody = "65534"

  struct Problem: Error, CustomStringConvertible { let description: String }

  static func run(_ plan: RehearsalPlan) throws -> Rehearsed {
    guard geteuid() == 0 else { throw Problem(description: "only root can rehearse (use sudo)") }
    var whole = try once(plan)
    let servers = plan.tunnels.filter { !$0.config.isClient }
    guard !servers.isEmpty, servers.count < plan.tunnels.count else { return whole }
    // A second run covers the case that the clients' tunnels do not come up: only those that others connect to do.
    var part = plan
    part.tunnels = servers
    let served = try once(part)
    whole.served = served.up
    whole.missing += served.missing
    whole.failures += served.failures.filter { !whole.failures.contains($0) }
    return whole
  }

  private static func once(_ plan: RehearsalPlan) throws -> Rehearsed {
    let folder = try RehearsalFolder(plan)
    defer { folder.remove() }
    var sandbox = try Sandbox(
      ["setpriv", "--reuid", nobody, "--regid", nobody, "--clear-groups", "--no-new-privs", "prlimit", "--nproc=4096"]
        + [
          "--as=4294967296", "--fsize=67108864", "--core=0", "unshare", "--map-root-user", "--mount", "--net", "--pid",
        ]
        + ["--fork", "--kill-child", "--uts", "--ipc", "--cgroup", "bash", "-c", RehearsalScripts.sandbox, "bash"]
        + [folder.path, plan.isPrivileged ? "privileged" : ""], until: .now + timeout)
    defer { sandbox.end() }
    var (missing, failures): ([String], [String]) = ([], [])
    func state(_ step: String) throws -> RunningNamespace {
      while true {
        let line = try sandbox.line()
        if line.hasPrefix("missing "), missing.count < 50 {
          missing += line.dropFirst(8).split(separator: " ").prefix(50).map { String($0.prefix(200)) }
        }
        if line.hasPrefix("status "), failures.count < 50 { failures.append(String(line.dropFirst(7).prefix(400))) }
        if line.hasPrefix("failed ") {
          throw Problem(description: "no sandbox can be made here: \(line.dropFirst(7))")
        }
        if line == "step \(step)" { break }
      }
      var running = NamespaceReader(process: try sandbox.firstProcess()).read("\(plan.name) (\(step))")
      for index in running.links.indices
      where plan.tunnels.contains(where: { $0.interface == running.links[index].name }) {
        running.links[index].kind = "wireguard"
      }
      sandbox.goOn()
      return running
    }
    let states = (try state("scripts"), try state("up"), try state("down"))
    return Rehearsed(
      afterScripts: states.0, up: states.1, down: states.2, served: nil, missing: missing, failures: failures)
  }
}

/// The sandbox's first process, and the two pipes to it.
///
/// `unsafe` for poll(2) and read(2). Sound: what they fill outlives the calls and comes with its length.
private struct Sandbox {
  private let child = Process()
  private let output = Pipe()
  private let input = Pipe()
  private let deadline: ContinuousClock.Instant
  private var rest: [UInt8] = []
  private static let late = "the scripts take longer than a minute"

  init(_ words: [String], until deadline: ContinuousClock.Instant) throws {
    self.deadline = deadline
    child.executableURL = URL(filePath: "/usr/bin/env")
    child.arguments = words
    child.environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]
    child.currentDirectoryURL = URL(filePath: "/")
    child.standardInput = input
    child.standardOutput = output
    child.standardError = FileHandle.nullDevice
    do { try child.run() } catch { throw Rehearsal.Problem(description: "the sandbox cannot be started") }
    // The sandbox may have ended by the time it is told to go on.
    _ = signal(SIGPIPE, SIG_IGN)
  }

  mutating func line() throws -> String {
    while true {
      if .now < deadline, let index = rest.firstIndex(of: 10) {
        let text = String(decoding: rest[..<index], as: UTF8.self)
        rest.removeSubrange(...index)
        return text
      }
      // Output that never stops is as late as output that never comes.
      guard .now < deadline else { throw Rehearsal.Problem(description: Self.late) }
      let left = Int32(max(0, (deadline - .now) / .milliseconds(1)))
      var wanted = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&wanted, 1, left)
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { throw Rehearsal.Problem(description: Self.late) }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = unsafe Glibc.read(wanted.fd, &bytes, bytes.count)
      guard count > 0, rest.count < 65536 else {
        throw Rehearsal.Problem(description: "the sandbox ended early, or could not start (user namespaces)")
      }
      rest += bytes[..<count]
    }
  }

  func goOn() { try? input.fileHandleForWriting.write(contentsOf: Data("\n".utf8)) }

  /// The first process whose network is not this one's.
  func firstProcess() throws -> Int {
    var number = Int(child.processIdentifier)
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
    for _ in 0..<8 {
      let network = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(number)/ns/net")
      if let network, network != own { return number }
      let children = try? String(contentsOfFile: "/proc/\(number)/task/\(number)/children", encoding: .utf8)
      guard let child = children?.split(separator: " ").first.flatMap({ Int($0) }) else { break }
      number = child
    }
    throw Rehearsal.Problem(description: "the sandbox's network is not found")
  }

  func end() {
    kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
  }
}
