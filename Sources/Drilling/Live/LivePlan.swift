import ComposeFiles
import Foundation
package import PolicyFiles
import Text
import Wire

/// What of a running stack is drilled, as its files and its engine have it. Nothing is changed.
package struct LivePlan: Sendable {
  let tunnel: DrilledTunnel
  let gateway: LiveContainer
  /// All that is in the gateway's network, whatever project it is of.
  let consumers: [LiveContainer]
  /// The consumers' services, as far as the files have them.
  let services: [ComposeService]
  /// The tunnel's other end.
  let endpoints: [IPAddress]
  let port: UInt16
  /// What is not drilled, and why: a sentence each.
  package private(set) var leftOut: [String] = []

  static let programs = ["bash", "docker", "ip", "nft", "nsenter", "setpriv", "unshare"]

  /// Throws if this process or this machine cannot do it.
  package static func check() throws(DrillProblem) {
    guard geteuid() == 0 else { throw DrillProblem(.permission, "only root can drill a running stack (use sudo)") }
    let missing = Command.missing(programs)
    guard missing.isEmpty else {
      throw DrillProblem(.missing, "a drill needs \(missing.joined(separator: ", ")): install what is missing")
    }
  }

  package init(_ stack: VPNStack) throws(DrillProblem) {
    let machine = LiveEngine()
    tunnel = try DrilledTunnel(stack)
    let service = tunnel.gateway.service
    let found = try LiveContainer.list(
      ["com.docker.compose.project": stack.project.name, "com.docker.compose.service": service.name], on: machine)
    guard found.count == 1 else {
      let many = found.isEmpty ? "no container" : "more than one container"
      throw DrillProblem(
        .stack,
        "\(many) of the service '\(Formatting.safe(service.name))' of the project '\(Formatting.safe(stack.project.name))' "
          + "runs: only a running stack can be drilled (docker compose up -d; COMPOSE_PROJECT_NAME names another project)"
      )
    }
    gateway = found[0]
    let name = Formatting.safe(gateway.name)
    guard !["host", "none"].contains(gateway.networkMode), !gateway.networkMode.hasPrefix("container:"),
      !gateway.addresses.isEmpty, let network = gateway.network,
      network != (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net"))
    else {
      throw DrillProblem(.stack, "\(name): it has no network of its own on this machine, so that it cannot be drilled")
    }
    guard gateway.isHealthy else {
      throw DrillProblem(.stack, "\(name) is not healthy: a drill begins with a stack that is well")
    }
    guard let groups = try? String(contentsOfFile: "/proc/\(gateway.process)/cgroup", encoding: .utf8),
      machine.container(inGroups: groups) == gateway.id
    else {
      throw DrillProblem(.stack, "\(name): its processes are not seen here; drill on the machine whose engine runs it")
    }
    let modes = ["container:\(gateway.id)", "container:\(gateway.name)"]
    let id = gateway.id
    consumers = try LiveContainer.list(on: machine).filter {
      $0.id != id && (modes.contains($0.networkMode) || $0.network == network)
    }
    services = stack.consumers(of: tunnel.gateway)
    (endpoints, port) = try Self.endpoint(of: tunnel, gateway, on: machine)
    try look(stack, on: machine)
  }

  private mutating func look(_ stack: VPNStack, on machine: some Machine) throws(DrillProblem) {
    for service in services {
      let found = try LiveContainer.list(
        ["com.docker.compose.project": stack.project.name, "com.docker.compose.service": service.name], on: machine)
      if found.isEmpty { leftOut.append("\(Formatting.safe(service.name)): it does not run") }
      for container in found where !consumers.contains(where: { $0.id == container.id }) {
        throw DrillProblem(
          .stack,
          "\(Formatting.safe(container.name)) is not in the network of \(Formatting.safe(gateway.name)), as the files say: "
            + "docker compose up -d first")
      }
    }
    for consumer in consumers where consumer.network != gateway.network {
      throw DrillProblem(
        .stack,
        "\(Formatting.safe(consumer.name)) is in a network that \(Formatting.safe(gateway.name)) had before: restart it "
          + "first")
    }
  }

  /// Where the tunnel ends. A name may lead elsewhere by now than when the gateway asked: so the gateway is asked, too.
  /// What it says can only change which of its own packets are dropped and counted.
  private static func endpoint(
    of tunnel: DrilledTunnel, _ gateway: LiveContainer, on machine: some Machine
  ) throws(DrillProblem) -> ([IPAddress], UInt16) {
    switch tunnel.wireGuard.lazy.flatMap(\.peers).compactMap({ $0.endpoint?.value }).first {
    case .address(let endpoint): return ([endpoint.address], endpoint.port)
    case .name(let name, let port):
      var found: [IPAddress] = []
      let asked = try machine.run(
        ["docker", "exec", gateway.id, "wg", "show", "all", "endpoints"], within: .seconds(10))
      for line in asked.output.split(separator: "\n") {
        let end = line.split(separator: "\t").last ?? ""
        guard let colon = end.lastIndex(of: ":"), UInt16(end[end.index(after: colon)...]) == port else { continue }
        if let address = IPAddress(end[..<colon].filter { !"[]".contains($0) }) { found.append(address) }
      }
      let resolved = try machine.run(["getent", "ahosts", "--", name], within: .seconds(10))
      found += resolved.output.split(separator: "\n").compactMap {
        $0.split(separator: " ").first.flatMap { IPAddress($0) }
      }
      guard !found.isEmpty else {
        throw DrillProblem(.stack, "\(Formatting.safe(name)): the Endpoint's address is not found")
      }
      var seen: Set<IPAddress> = []
      return (Array(found.filter { seen.insert($0).inserted }.prefix(16)), port)
    case nil:
      throw DrillProblem(
        .stack, "no configuration of the tunnel states an Endpoint: it cannot be told when it is silent")
    }
  }

  /// Names that the stack looks up to find its Endpoint.
  package var endpointNames: [String] {
    tunnel.wireGuard.flatMap(\.peers).compactMap {
      if case .name(let name, _)? = $0.endpoint?.value { name.lowercased() } else { nil }
    }
  }

  /// The names of the containers that hold the tunnel and use it.
  package var names: (gateway: String, consumers: [String]) { (gateway.name, consumers.map(\.name)) }

  /// What is asked before it is done.
  ///
  /// - Parameter scenarios: those that will be run, each as often.
  package func question(_ scenarios: [Scenario], rounds: Int) -> String {
    let kinds = Set(scenarios.map(\.id))
    let count = scenarios.count * rounds
    var lines = [
      "This drills the running stack itself, and no twin of it: \(Formatting.count(count, "way")), about "
        + "\(Formatting.count(max(1, (10 + count * 25) / 60), "minute"))."
    ]
    let restarted = kinds.subtracting(["baseline", "endpoint-silent", "consumer-restarted"]).isEmpty ? [] : [gateway]
    if kinds.subtracting(["baseline", "endpoint-silent"]).isEmpty {
      lines.append("No container is restarted.")
    } else {
      let names = (restarted + consumers).map { Formatting.safe($0.name) }.joined(separator: ", ")
      lines.append("Restarted, perhaps more than once: \(names).")
    }
    if !kinds.isDisjoint(with: ["wg-quick-down", "interface-deleted"]) {
      lines.append("The tunnel is taken down for some seconds.")
    }
    if kinds.contains("endpoint-silent") {
      lines.append("What comes from the Endpoint is dropped on this machine for some seconds.")
    }
    lines += [
      "Meanwhile attempts to leave are made beside it, to addresses for documentation and to its resolvers.",
      "Where its kill switch does not hold, its own traffic leaks, too, to the real internet.",
      "All is undone at the end, also at Ctrl-C. If the drill is killed, the next one undoes the rest.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}
