import TextFiles
import Wire

extension ComposeProject {
  /// Several projects as one, so that a container of one can be found in a network of another. They keep their own
  /// names, paths and variables. A service or network whose name an earlier project has is called `project/name`.
  package static func joined(_ projects: [ComposeProject]) -> ComposeProject? {
    guard var all = projects.first else { return nil }
    for project in projects.dropFirst() { all.join(project) }
    return all
  }

  private mutating func join(_ other: ComposeProject) {
    otherNames.append(other.name)
    files += other.files
    warnings += other.warnings
    let position = otherNames.count
    let services = Names(other.services.map(\.name), taken: Set(self.services.map(\.name)), of: other.name)
    let networks = Names(other.networks.map(\.key), taken: Set(self.networks.map(\.key)), of: other.name)
    for var service in other.services {
      service.project = position
      if services[service.name] != service.name { service.ownName = service.name }
      service.name = services[service.name]
      if let mode = service.networkMode, case .service(let name) = mode.value {
        service.networkMode = Located(.service(services[name]), at: mode.place)
      }
      for index in service.dependencies.indices {
        service.dependencies[index].value.service = services[service.dependencies[index].value.service]
      }
      for index in service.networks.indices {
        service.networks[index].network = networks[service.networks[index].network]
      }
      self.services.append(service)
    }
    for var network in other.networks {
      network.key = networks[network.key]
      self.networks.append(network)
    }
  }

  /// The names of a project beside those of other projects.
  private struct Names {
    private var changed: [String: String] = [:]

    init(_ names: [String], taken: Set<String>, of project: String) {
      var all = taken.union(names)
      for name in names where taken.contains(name) {
        var other = "\(project)/\(name)"
        // Two projects may have the same name.
        while !all.insert(other).inserted { other += "'" }
        changed[name] = other
      }
    }

    subscript(name: String) -> String { changed[name] ?? name }
  }
}
