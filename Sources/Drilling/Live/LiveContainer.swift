import Foundation
import PolicyFiles
import Text
import Wire

/// What the user's engine says of a container (docker-inspect(1)).
struct LiveContainer: Decodable, Sendable {
  let id: String
  private let fullName: String
  private let state: State
  private let hostConfig: HostConfig
  private let networkSettings: NetworkSettings

  private struct State: Decodable, Sendable {
    var running: Bool
    var pid: Int
    var health: Health?

    struct Health: Decodable, Sendable {
      var status: String
      enum CodingKeys: String, CodingKey { case status = "Status" }
    }

    enum CodingKeys: String, CodingKey {
      case running = "Running"
      case pid = "Pid"
      case health = "Health"
    }
  }

  private struct HostConfig: Decodable, Sendable {
    var networkMode: String
    var restartPolicy: RestartPolicy?

    struct RestartPolicy: Decodable, Sendable {
      var name: String
      enum CodingKeys: String, CodingKey { case name = "Name" }
    }

    enum CodingKeys: String, CodingKey {
      case networkMode = "NetworkMode"
      case restartPolicy = "RestartPolicy"
    }
  }

  private struct NetworkSettings: Decodable, Sendable {
    var networks: [String: Network]?
    enum CodingKeys: String, CodingKey { case networks = "Networks" }
  }

  private struct Network: Decodable, Sendable {
    var address, router, addressV6: String?
    var length, lengthV6: Int?

    enum CodingKeys: String, CodingKey {
      case address = "IPAddress"
      case router = "Gateway"
      case addressV6 = "GlobalIPv6Address"
      case length = "IPPrefixLen"
      case lengthV6 = "GlobalIPv6PrefixLen"
    }
  }

  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case fullName = "Name"
    case state = "State"
    case hostConfig = "HostConfig"
    case networkSettings = "NetworkSettings"
  }

  var name: String { fullName.hasPrefix("/") ? String(fullName.dropFirst()) : fullName }
  var isRunning: Bool { state.running && state.pid > 0 }
  /// 0 if it does not run.
  var process: Int { state.pid }
  /// Without a health check, one that runs is healthy.
  var isHealthy: Bool { isRunning && (state.health.map { $0.status == "healthy" || $0.status == "none" } ?? true) }
  var networkMode: String { hostConfig.networkMode }
  var restartPolicy: String { hostConfig.restartPolicy.map { $0.name.isEmpty ? "no" : $0.name } ?? "no" }

  /// Its own addresses, with their networks' prefix lengths.
  var addresses: [(address: IPAddress, length: Int)] {
    (networkSettings.networks ?? [:]).sorted { $0.key < $1.key }.flatMap { _, network in
      [(network.address, network.length), (network.addressV6, network.lengthV6)].compactMap { text, length in
        guard let text, let length, length > 0, let address = IPAddress(text) else { return nil }
        return (address, length)
      }
    }
  }

  /// Its first IPv4 address with the prefix length, and the router there.
  var place: (address: String, router: String)? {
    (networkSettings.networks ?? [:]).sorted { $0.key < $1.key }.lazy.compactMap { _, network in
      guard let address = network.address, let length = network.length, (8...30).contains(length),
        IPAddress(address)?.isIPv4 == true, let router = network.router, IPAddress(router)?.isIPv4 == true
      else { return nil }
      return ("\(address)/\(length)", router)
    }.first
  }

  /// The network that its process is in, as the kernel calls it: `net:[4026532318]`.
  var network: String? {
    isRunning ? try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net") : nil
  }

  /// Reads these containers; those that are gone are left out.
  static func read(_ ids: [String], on machine: some Machine) throws(DrillProblem) -> [LiveContainer] {
    var containers: [LiveContainer] = []
    for id in ids {
      let outcome = try machine.run(["docker", "inspect", "--type", "container", id])
      guard outcome.succeeded else {
        guard outcome.errors.lowercased().contains("no such container") else {
          throw DrillProblem(.missing, "Docker's engine does not answer: \(outcome.lastWord)")
        }
        continue
      }
      guard let found = try? JSONDecoder().decode([LiveContainer].self, from: Data(outcome.output.utf8)).first,
        isID(found.id)
      else { throw DrillProblem(.failed, "docker inspect \(id): its answer is not understood") }
      containers.append(found)
    }
    return containers
  }

  /// The running ones that have these labels.
  static func list(_ labels: [String: String] = [:], on machine: some Machine) throws(DrillProblem) -> [LiveContainer] {
    let filters = labels.sorted { $0.key < $1.key }.flatMap { ["--filter", "label=\($0.key)=\($0.value)"] }
    let text = try machine.demand("docker ps", ["docker", "ps", "--quiet", "--no-trunc"] + filters)
    return try read(text.split(separator: "\n").map(String.init).filter(isID), on: machine).filter(\.isRunning)
  }

  static func isID(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
  }
}
