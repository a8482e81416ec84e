import Foundation
import Glibc
import Text

/// What a drill has done to running containers and not undone yet, and how to undo it: with the engine alone, and from
/// what the engine says now.
struct LiveDeeds: Codable, Equatable, Sendable {
  /// Whether the tunnel inside of the gateway was taken away, which only a restart brings back. Otherwise containers were
  /// restarted.
  var isTunnelTaken: Bool
  var gateway: Container
  var consumers: [Container]

  struct Container: Codable, Equatable, Sendable {
    var id: String
    /// For messages only.
    var name: String
    /// Whether it was healthy before.
    var wasHealthy: Bool

    init(_ found: LiveContainer) { (id, name, wasHealthy) = (found.id, found.name, found.isHealthy) }
  }

  /// Whether it can be believed that a drill wrote it.
  var isSound: Bool { ([gateway] + consumers).allSatisfy { LiveContainer.isID($0.id) } && consumers.count <= 1000 }

  /// How long containers may take until they are healthy again.
  private static let patience = Duration.seconds(180)

  /// All of a journal's as one: a restart brings back whatever was taken away.
  ///
  /// - Parameter deeds: the last one first.
  init?(_ deeds: [LiveDeeds]) {
    guard var all = deeds.first else { return nil }
    all.isTunnelTaken = deeds.contains { $0.isTunnelTaken }
    self = all
  }

  init(isTunnelTaken: Bool, gateway: LiveContainer, consumers: [LiveContainer]) {
    self.isTunnelTaken = isTunnelTaken
    self.gateway = Container(gateway)
    self.consumers = consumers.map(Container.init)
  }

  /// Restarts and starts what is needed, and nothing that is as it was; then waits until all is as healthy as it was.
  func undo(on machine: some Machine, say: (String) -> Void) throws(DrillProblem) {
    try restart(on: machine, say)
    let deadline = ContinuousClock.now + Self.patience
    while true {
      let found = try LiveContainer.read(([gateway] + consumers).filter(\.wasHealthy).map(\.id), on: machine)
      let ill = found.filter { !$0.isHealthy }
      guard !ill.isEmpty else { return }
      guard .now < deadline else {
        throw DrillProblem(
          .failed,
          "not healthy again within \(Self.patience / .seconds(1)) s: "
            + ill.map { Formatting.safe($0.name) }.joined(separator: ", "))
      }
      usleep(300_000)
    }
  }

  private func restart(on machine: some Machine, _ say: (String) -> Void) throws(DrillProblem) {
    guard let found = try LiveContainer.read([gateway.id], on: machine).first else {
      return say("\(Formatting.safe(gateway.name)) is not there any more: nothing of it is undone")
    }
    if !found.isRunning {
      try Self.change("start", gateway, on: machine, say)
    } else if isTunnelTaken {
      try Self.change("restart", gateway, on: machine, say)
    }
    let network = try LiveContainer.read([gateway.id], on: machine).first?.network
    for consumer in consumers {
      guard let found = try LiveContainer.read([consumer.id], on: machine).first else { continue }
      if !found.isRunning {
        try Self.change("start", consumer, on: machine, say)
      } else if found.network != network {
        try Self.change("restart", consumer, on: machine, say)
      }
    }
  }

  /// With the container's own time to end by itself.
  static func change(_ verb: String, _ container: Container, on machine: some Machine, _ say: (String) -> Void)
    throws(DrillProblem)
  {
    say("docker \(verb) \(Formatting.safe(container.name))")
    try machine.demand(
      "docker \(verb) \(Formatting.safe(container.name))", ["docker", verb, container.id], within: limit)
  }

  static let limit = Duration.seconds(300)
}
