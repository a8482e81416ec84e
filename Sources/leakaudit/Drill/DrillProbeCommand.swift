import ArgumentParser
import Probing
import Wire

/// Makes the attempts of a drill, in the network namespace that is drilled.
struct DrillProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "drill-probe", shouldDisplay: false)

  @Option(transform: address) var tunnelResolver: IPAddress?
  @Option(transform: address) var containerResolver: IPAddress?
  @Option(transform: address) var lanResolver: IPAddress?
  @Option(transform: address) var endpoint: IPAddress?
  @Option(name: .customLong("tunnel-address"), transform: address) var tunnelAddresses: [IPAddress] = []
  @Option var every = 250
  @Option var scenario = 1
  @Option var seed: UInt64 = 1
  @Flag var deliberate = false
  @Flag var live = false
  @Flag var lookupsOnly = false

  func validate() throws {
    guard (100...60_000).contains(every), (0...99_999).contains(scenario) else {
      throw ValidationError("--every takes 100 to 60000 milliseconds, --scenario 0 to 99999")
    }
  }

  func run() {
    let catalogue = ProbeCatalogue(
      containerResolver: containerResolver, tunnelResolver: tunnelResolver, lanResolver: lanResolver,
      endpoint: endpoint)
    Prober(
      catalogue, tunnelAddresses: Set(tunnelAddresses), every: .milliseconds(every), scenario: scenario, seed: seed,
      isDeliberate: deliberate, isLive: live, only: { !lookupsOnly || $0.asksContainerResolver }
    ).run()
  }

  private static func address(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text) else { throw ValidationError("'\(text)' is not an address") }
    return address
  }
}
