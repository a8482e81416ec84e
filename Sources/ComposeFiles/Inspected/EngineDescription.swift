import Foundation

/// What Docker's engine says about its containers, in place of a compose file. Many stacks have none, or one that only
/// a web page shows.
package struct EngineDescription: Sendable {
  let containers: [InspectedContainer]
  let images: [String: InspectedImage]
  let networks: [InspectedNetwork]
  /// Whether the paths that the engine names are this machine's.
  let isOfThisMachine: Bool

  /// An answer of the engine that does not match its reference.
  package struct Problem: Error {
    package let subject: String
  }

  /// - Parameters:
  ///   - containers: the engine's answers for each, as JSON.
  ///   - images: by id.
  ///   - networks: the engine's list.
  package init(
    containers: [[UInt8]], images: [String: [UInt8]], networks: [UInt8], isOfThisMachine: Bool
  ) throws(Problem) {
    func decode<Value: Decodable>(_ bytes: [UInt8], _ subject: String) throws(Problem) -> Value {
      do { return try JSONDecoder().decode(Value.self, from: Data(bytes)) } catch { throw Problem(subject: subject) }
    }
    var read: [InspectedContainer] = []
    for bytes in containers { read.append(try decode(bytes, "a container")) }
    self.containers = read.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    var known: [String: InspectedImage] = [:]
    for (id, bytes) in images { known[id] = try decode(bytes, "an image") }
    self.images = known
    self.networks = try decode(networks, "networks")
    self.isOfThisMachine = isOfThisMachine
  }

  /// All containers, whatever belongs together.
  package var project: ComposeProject { project(of: containers, named: "") }

  package var names: [String] { containers.map(\.name) }

  /// The container with this name, or the only one whose id begins with it.
  package func container(_ name: String) -> String? {
    if containers.contains(where: { $0.name == name }) { return name }
    let found = containers.filter { !name.isEmpty && $0.id.hasPrefix(name) }
    return found.count == 1 ? found[0].name : nil
  }

  /// These containers and all that belong to them: those of their Compose project, those that share their network
  /// namespace, and those on the networks that somebody created for their gateway.
  package func project(around names: [String]) -> ComposeProject {
    var waiting = containers.filter { names.contains($0.name) }
    let gateways = waiting.map(root)
    var members = Set(waiting.map(\.id))
    while let next = waiting.popLast() {
      for other in containers where !members.contains(other.id) && belongs(other, next) {
        members.insert(other.id)
        waiting.append(other)
      }
    }
    let made = Set(gateways.flatMap(attachedNetworks)).subtracting(["bridge", "host", "none", "podman"])
    for other in containers where !made.isDisjoint(with: attachedNetworks(of: other)) { members.insert(other.id) }
    for other in containers where members.contains(root(of: other).id) { members.insert(other.id) }
    let name = gateways.first.map { $0.label("project") ?? $0.name }
    return project(of: containers.filter { members.contains($0.id) }, named: name ?? "")
  }

  /// A process of a container that runs on this machine.
  package func process(of name: String) -> Int? {
    guard isOfThisMachine, let container = containers.first(where: { $0.name == name }) else { return nil }
    return container.state?.pid.flatMap { $0 > 0 ? $0 : nil }
  }

  private func belongs(_ one: InspectedContainer, _ other: InspectedContainer) -> Bool {
    if let project = one.label("project"), project == other.label("project") { return true }
    return owner(of: one)?.id == other.id || owner(of: other)?.id == one.id
  }

  private func attachedNetworks(of container: InspectedContainer) -> [String] {
    (container.settings?.networks ?? [:]).compactMap { $1 == nil ? nil : $0 }
  }

  /// The container whose network namespace this one joined.
  func owner(of container: InspectedContainer) -> InspectedContainer? {
    guard let mode = container.host?.networkMode, mode.hasPrefix("container:") else { return nil }
    let text = String(mode.dropFirst("container:".count))
    return containers.first { $0.id == text || $0.name == text }
  }

  private func root(of container: InspectedContainer) -> InspectedContainer {
    var current = container
    for _ in containers {
      guard let next = owner(of: current) else { return current }
      current = next
    }
    return current
  }
}
