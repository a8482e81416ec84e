import Foundation
import Glibc
import Processes
import Text

/// A machine inside of this one: namespaces of its own for network, mounts and processes, with a network that ends in
/// an "internet" of its own. Nothing in it can reach the world, and nothing of it is left when it ends.
///
///     this program --pipe--> guardian --> island's first process --> engine, containers, Endpoint, probes
///
/// It ends with `end()`, or when this program is gone, in whatever way: then the pipe closes.
///
/// `unsafe` for pipe(2). Sound: what it is given outlives the call.
package final class Island: Machine {
  /// Where all that the island writes is, but for what its mounts hide.
  let folder: String
  /// Of this run alone: the name of its control groups, too.
  let name: String
  /// Its first process, as this machine numbers it.
  let process: Int
  let network: HostNetwork
  private let guardian: RunningCommand
  /// The writing end of the guardian's standard input.
  private let lifeline: Int32
  /// The reading end: nothing ever comes, and it ends with the island.
  let standstill: Int32

  /// This program, as the island has it: whoever may not enter the folder of its file can run it.
  static let program = "/run/leakaudit"
  var program: String { Self.program }

  static let programs = [
    "bash", "unshare", "nsenter", "setpriv", "flock", "ip", "iptables", "mount", "sysctl", "wg", "dockerd", "docker",
    "containerd", "runc",
  ]
  private static let prefix = "leakaudit-drill-"

  /// Throws if this process or this machine cannot make one.
  package static func check() throws(DrillProblem) {
    guard geteuid() == 0 else { throw DrillProblem(.permission, "only root can make a twin of a stack (use sudo)") }
    let missing = Command.missing(programs)
    guard missing.isEmpty else {
      throw DrillProblem(.missing, "a drill needs \(missing.joined(separator: ", ")): install what is missing")
    }
  }

  /// - Parameter program: this program's own file.
  package init(in parent: String, program: String) throws(DrillProblem) {
    Self.removeLeftovers(in: parent)
    network = try HostNetwork.read()
    guard let folder = TemporaryFolder.make(in: parent, prefix: Self.prefix) else {
      throw DrillProblem(.permission, "\(parent): no folder can be made: \(SystemError.message(errno))")
    }
    self.folder = folder
    name = URL(filePath: folder).lastPathComponent
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw DrillProblem(.failed, "no pipe can be made: \(SystemError.message(errno))")
    }
    (standstill, lifeline) = (ends[0], ends[1])
    var output = try PipeReader()
    guardian = try RunningCommand(
      ["setsid", "--wait", "bash", "-c", IslandScripts.guardian, "guardian", folder, name, IslandScripts.first]
        + [IslandScripts.clean, network.nic, network.address, network.router, program],
      environment: Command.environment,
      input: .descriptor(standstill), output: .descriptor(output.otherEnd), errors: .descriptor(output.otherEnd))
    output.closeOtherEnd()
    process = try Self.greeting(&output)
  }

  /// What the island's first process says when all is there.
  private static func greeting(_ output: inout PipeReader) throws(DrillProblem) -> Int {
    let deadline = ContinuousClock.now + .seconds(30)
    var last = "unshare was refused"
    while .now < deadline {
      output.read()
      while let line = output.line() {
        if line.hasPrefix("island "), let process = Int(line.dropFirst(7)) { return process }
        last = Formatting.safe(String(line.prefix(300)))
      }
      guard output.isOpen else { break }
      PipeReader.wait(for: [output.number], within: .milliseconds(100))
    }
    throw DrillProblem(.failed, "no namespaces can be made here: \(last)")
  }

  /// Ends all that runs there, and waits until nothing is left of it.
  package func end() {
    close(lifeline)
    close(standstill)
    guardian.wait(within: .seconds(30))
  }

  /// A path of the island, as this program can open it.
  func outside(_ path: String) -> String { "/proc/\(process)/root\(path)" }

  /// The words that run a program on the island, in the network of its engine.
  func words(_ words: [String]) -> [String] {
    ["nsenter", "--target", "\(process)", "--mount", "--pid", "--net", "--uts", "--ipc", "--"] + words
  }

  /// The same in the network of its internet.
  func internetWords(_ words: [String]) -> [String] {
    self.words(["nsenter", "--net=/run/netns/internet", "--"] + words)
  }

  var environment: [String: String] {
    Command.environment.merging(["DOCKER_HOST": "unix:///run/docker.sock"]) { $1 }
  }

  @discardableResult
  func demandOnInternet(_ purpose: String, _ words: [String]) throws(DrillProblem) -> String {
    try Command.demand(purpose, internetWords(words), environment: environment)
  }

  /// The island ends, and all that runs there with it.
  func lasting(_ words: [String]) -> [String] { self.words(words) }

  func container(inGroups text: String) -> String? {
    for line in text.split(separator: "\n") {
      // Other groups may be below the container's.
      guard let start = line.range(of: "/\(name)/")?.upperBound else { continue }
      let id = line[start...].prefix { $0 != "/" }
      if id.count == 64, id.allSatisfy(\.isHexDigit) { return String(id) }
    }
    return nil
  }

  /// Removes what drills left that were killed together with their guardians: nobody holds their locks.
  private static func removeLeftovers(in parent: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names where name.hasPrefix(prefix) {
      let folder = "\(parent)/\(name)"
      // In a folder that everybody may write to, a name says little.
      guard let facts = try? FileManager.default.attributesOfItem(atPath: folder),
        facts[.type] as? FileAttributeType == .typeDirectory, (facts[.ownerAccountID] as? NSNumber)?.intValue == 0,
        FileManager.default.fileExists(atPath: "\(folder)/lock")
      else { continue }
      _ = try? Command.run([
        "flock", "--nonblock", "\(folder)/lock", "bash", "-c", IslandScripts.clean, "clean", folder, name,
      ])
    }
  }
}
