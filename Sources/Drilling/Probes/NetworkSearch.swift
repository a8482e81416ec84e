import Foundation

/// Finds the networks of containers on a machine by looking at its processes: a container's first one is there long
/// before the engine says so.
struct NetworkSearch {
  /// A process of a container, and the network that it is in.
  struct Found: Hashable {
    /// As that machine numbers it.
    var process: Int
    var container: String
    /// What the kernel calls it: `net:[4026532318]`.
    var network: String
  }

  private let machine: any Machine
  private let own: String
  private let processes: String

  init(_ machine: any Machine) {
    self.machine = machine
    processes = machine.outside("/proc")
    own = Self.network("\(processes)/1") ?? ""
  }

  /// The containers' processes, at most one of each container in each network.
  func look() -> [Found] {
    var found: [String: Found] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: processes)) ?? [] {
      guard let process = Int(name), process > 1, let network = Self.network("\(processes)/\(name)"), network != own,
        let container = container(name), isContainers(name)
      else { continue }
      let key = network + container
      if let known = found[key], known.process < process { continue }
      found[key] = Found(process: process, container: container, network: network)
    }
    return found.values.sorted { $0.process < $1.process }
  }

  /// Whether the network of a process has one of these interfaces.
  func hasInterface(_ names: [String], in found: Found) -> Bool {
    guard let text = try? String(contentsOfFile: "\(processes)/\(found.process)/net/dev", encoding: .utf8) else {
      return false
    }
    return text.split(separator: "\n").contains { line in
      let name = line.drop { $0 == " " }
      return names.contains { name.hasPrefix("\($0):") }
    }
  }

  private static func network(_ process: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "\(process)/ns/net")
  }

  /// Whether the container's own program runs in it already, and not what prepares the container: nothing can be sent
  /// before.
  private func isContainers(_ process: String) -> Bool {
    guard let name = try? String(contentsOfFile: "\(processes)/\(process)/comm", encoding: .utf8) else { return false }
    return !Self.runtimes.contains { name.hasPrefix($0) }
  }

  private static let runtimes = ["runc:[", "crun\n", "youki", "runsc"]

  /// The id of the container whose control group the process is in.
  private func container(_ process: String) -> String? {
    guard let groups = try? String(contentsOfFile: "\(processes)/\(process)/cgroup", encoding: .utf8) else {
      return nil
    }
    return machine.container(inGroups: groups)
  }
}
