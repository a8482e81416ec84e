import ComposeFiles
import Foundation
import Glibc
import PolicyFiles
import Text
import Wire

/// The user's own stack, as it runs. What is done to it is written down first, and undone with the engine's own means.
///
/// `unsafe` for open(2). Sound: the path outlives the call.
package final class LiveStack: DrilledStack {
  let host: LiveHost
  let plan: LivePlan
  let table: LiveTable
  let privileges: ConsumerPrivileges
  let lanRouter: String

  package init(_ plan: LivePlan, on host: LiveHost) throws(DrillProblem) {
    (self.plan, self.host) = (plan, host)
    privileges = ConsumerPrivileges(plan.services)
    lanRouter = try HostNetwork.read().router
    let name = URL(filePath: host.folder).lastPathComponent.replacing("-", with: "_")
    table = try LiveTable(
      host, name: name, endpoints: plan.endpoints, port: plan.port, networks: plan.gateway.addresses)
  }

  package func end() { table.end() }

  var machine: any Machine { host }
  var kind: DrilledKind { .running }
  var tunnel: DrilledTunnel { plan.tunnel }
  var consumerNames: [String] { plan.consumers.map(\.name) }
  var probedNames: Set<String> { Set(consumerNames.isEmpty ? [gatewayName] : consumerNames) }
  /// A stranger's: nothing is asked of it but the tunnel.
  var endpointAddress: IPAddress? { nil }
  var restartPolicy: String { plan.gateway.restartPolicy }
  /// Nobody out there tells where a packet came from.
  var tunnelAddresses: [IPAddress] { [] }
  var gatewayName: String { plan.gateway.name }

  func service(ofContainer id: String) -> String? {
    ([plan.gateway] + plan.consumers).first { $0.id == id }?.name
  }

  // MARK: - Deeds

  private func willDo(isTunnelTaken: Bool) throws(DrillProblem) {
    try host.journal.add(
      LiveDeeds(isTunnelTaken: isTunnelTaken, gateway: plan.gateway, consumers: plan.consumers))
  }

  func inGateway(_ words: [String]) throws(DrillProblem) -> Command.Outcome {
    try willDo(isTunnelTaken: true)
    return try DrillStop.shielded { () throws(DrillProblem) in
      try host.run(["docker", "exec", plan.gateway.id] + words, within: .seconds(30))
    }
  }

  func inGatewayNetwork(_ words: [String]) throws(DrillProblem) -> Command.Outcome {
    try willDo(isTunnelTaken: true)
    let process = try gatewayProcess()
    // What is open stays the gateway's, whoever gets its process's number: in this machine's own network, the same words
    // would do harm.
    let file = unsafe open("/proc/\(process)/ns/net", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw DrillProblem(.failed, "\(Formatting.safe(gatewayName)) does not run") }
    defer { close(file) }
    guard try gatewayProcess() == process, let network = Self.network("fd/\(file)"), network != Self.network("ns/net")
    else {
      throw DrillProblem(.failed, "\(Formatting.safe(gatewayName)) was started again meanwhile")
    }
    return try host.run(["nsenter", "--net=/proc/\(getpid())/fd/\(file)", "--"] + words)
  }

  /// What the kernel calls a network of this process's.
  private static func network(_ name: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/\(name)")
  }

  func gatewayID() throws(DrillProblem) -> String { plan.gateway.id }

  func gatewayProcess() throws(DrillProblem) -> Int {
    guard let found = try LiveContainer.read([plan.gateway.id], on: host).first, found.isRunning,
      // The number may be another's by now: never a process, or a network, that is not the gateway's.
      let groups = try? String(contentsOfFile: "/proc/\(found.process)/cgroup", encoding: .utf8),
      host.container(inGroups: groups) == plan.gateway.id, let network = found.network,
      network != Self.network("ns/net")
    else { throw DrillProblem(.failed, "\(Formatting.safe(gatewayName)) does not run") }
    return found.process
  }

  func killGateway() throws(DrillProblem) {
    try willDo(isTunnelTaken: false)
    let process = try gatewayProcess()
    // What is open stays the gateway's, whoever gets its process's number: that is asked for once more.
    guard let handle = ProcessHandle(pid_t(process)), try gatewayProcess() == process, handle.signal(SIGKILL) else {
      throw DrillProblem(.failed, "\(Formatting.safe(gatewayName)) ended meanwhile")
    }
  }

  func restartGateway() throws(DrillProblem) { try restart([plan.gateway]) }
  func restartConsumers() throws(DrillProblem) { try restart(plan.consumers) }

  private func restart(_ containers: [LiveContainer]) throws(DrillProblem) {
    try willDo(isTunnelTaken: false)
    _ = try DrillStop.shielded { () throws(DrillProblem) in
      try host.demand("docker restart", ["docker", "restart"] + containers.map(\.id), within: LiveDeeds.limit)
    }
  }

  func bringConsumersBack() throws(DrillProblem) {
    let network = try LiveContainer.read([plan.gateway.id], on: host).first?.network
    let left = try LiveContainer.read(plan.consumers.map(\.id), on: host).filter { $0.network != network }
    if !left.isEmpty { try restart(left) }
  }

  func silenceEndpoint(_ isSilent: Bool) throws(DrillProblem) {
    // It may have another address since it was restarted.
    let now = try LiveContainer.read([plan.gateway.id], on: host).first
    try table.silence(isSilent ? (now ?? plan.gateway).addresses.map(\.address) : [])
  }

  func wasUnseen() -> Bool { table.hadGap() }
  func errorsToEndpoint() -> Int { table.counts()?.errors ?? 0 }

  // MARK: - Undoing

  /// Undoes what the journal says.
  package func makeWell() throws(DrillProblem) {
    try DrillStop.shielded { () throws(DrillProblem) in
      // If that fails, the table is gone, or goes with the drill: it must not keep containers from being undone.
      let silence = Result { () throws(DrillProblem) in try table.silence([]) }
      if let deeds = LiveDeeds(try host.journal.read()) {
        try deeds.undo(on: host, say: { _ in })
        try host.journal.clear()
      }
      try silence.get()
    }
  }

  var gatewayWords: String {
    let outcome = try? host.run(["docker", "logs", "--tail", "20", plan.gateway.id])
    return outcome?.lastWord ?? "nothing is known of it"
  }
}
