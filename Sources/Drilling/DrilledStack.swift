import ComposeFiles
import Foundation
import PolicyFiles
import Probing
import TextFiles
import Wire

/// A stack whose tunnel scenarios take away: a twin, or the user's own as it runs.
protocol DrilledStack: AnyObject, Sendable {
  var machine: any Machine { get }
  var kind: DrilledKind { get }
  var tunnel: DrilledTunnel { get }
  /// What `service(ofContainer:)` calls what holds the tunnel, and what is behind it.
  var gatewayName: String { get }
  var consumerNames: [String] { get }
  /// Those beside which attempts are made: the gateway, where the application is in it.
  var probedNames: Set<String> { get }
  /// The host of the tunnel's other end, if it is the drill's own.
  var endpointAddress: IPAddress? { get }
  /// What the engine does when the gateway ends by itself: `no`, `always` and so on.
  var restartPolicy: String { get }
  /// What the consumers may do.
  var privileges: ConsumerPrivileges { get }
  /// An answer that tells one of these as its source went through the tunnel.
  var tunnelAddresses: [IPAddress] { get }
  /// The LAN's router, which is the LAN's resolver.
  var lanRouter: String { get }

  /// The service whose container has this id; nil if it is none of the stack's.
  func service(ofContainer id: String) -> String?
  /// Runs a program in the gateway.
  func inGateway(_ words: [String]) throws(DrillProblem) -> Command.Outcome
  /// Runs a program of this machine in the gateway's network, with all privileges.
  func inGatewayNetwork(_ words: [String]) throws(DrillProblem) -> Command.Outcome
  func restartGateway() throws(DrillProblem)
  func restartConsumers() throws(DrillProblem)
  /// Gets the consumers into the gateway's network, where that is a new one.
  func bringConsumersBack() throws(DrillProblem)
  /// The id of the gateway's container.
  func gatewayID() throws(DrillProblem) -> String
  /// The gateway's first process, as the machine numbers it. Throws if there is none.
  func gatewayProcess() throws(DrillProblem) -> Int
  /// Kills it, as if it had failed by itself.
  func killGateway() throws(DrillProblem)
  /// Nothing comes from the Endpoint any more, or it does again.
  func silenceEndpoint(_ isSilent: Bool) throws(DrillProblem)
  /// How many ICMP errors have gone to the Endpoint outside of the tunnel; zero if they cannot be counted.
  func errorsToEndpoint() -> Int
  /// Whether it could not be seen all the time since this was asked last whether the tunnel carries anything.
  func wasUnseen() -> Bool
  /// Makes the stack as it is when all is well, whatever a scenario did.
  func makeWell() throws(DrillProblem)
  /// The last thing that the gateway said.
  var gatewayWords: String { get }
}

/// What a drill is made on.
package enum DrilledKind: String, Codable, Sendable {
  case twin
  /// The user's own.
  case running

  var words: String {
    switch self {
    case .twin: "twin"
    case .running: "stack"
    }
  }
}

extension DrilledStack {
  var gatewayName: String { tunnel.gateway.service.name }
  var tunnelInterfaces: [String] { tunnel.interfaces }
  /// Why scenarios that use a configuration do not apply; nil if they do.
  var lacksConfig: String? { tunnel.configs.isEmpty ? "the tunnel is not made from a wg0.conf" : nil }

  private var tunnelResolver: IPAddress? { tunnel.wireGuard.flatMap(\.resolvers).first?.value }

  /// The resolvers that its probes ask.
  var catalogue: ProbeCatalogue {
    ProbeCatalogue(
      containerResolver: tunnel.gateway.service.resolvers.lazy.compactMap { IPAddress($0.value) }.first,
      tunnelResolver: tunnelResolver, lanResolver: IPAddress(lanRouter), endpoint: endpointAddress)
  }

  /// What a prober is told of the network that it is in.
  func probeOptions(process: Int) -> [String] {
    var options = ["--lan-resolver", lanRouter]
    // Four times a second is much for an internet that is not the drill's own.
    if kind == .running { options += ["--live", "--every", "500"] }
    if let tunnelResolver { options += ["--tunnel-resolver", "\(tunnelResolver)"] }
    for address in tunnelAddresses { options += ["--tunnel-address", "\(address)"] }
    if let endpointAddress { options += ["--endpoint", "\(endpointAddress)"] }
    // Docker's own resolver has a probe of its own.
    if let resolver = resolvers(process: process).first(where: { $0 != "127.0.0.11" }) {
      options += ["--container-resolver", resolver]
    }
    return options
  }

  /// The resolvers that a container's resolv.conf names now.
  ///
  /// - Parameter process: one of the container's, as the machine numbers it.
  func resolvers(process: Int) -> [String] {
    let file = RootedFile.read("/etc/resolv.conf", root: machine.outside("/proc/\(process)/root"), limit: 1 << 16)
    return (file ?? "").split(separator: "\n").compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count > 1, words[0] == "nameserver", IPAddress(words[1]) != nil else { return nil }
      return String(words[1])
    }
  }
}
