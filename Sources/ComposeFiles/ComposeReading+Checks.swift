import TextFiles

extension ComposeReading {
  /// Reports services that refer to missing services, or that wait for each other.
  mutating func checkReferences(_ services: [ComposeService], _ model: ComposeMapping) {
    let names = Set(services.map(\.name))
    for service in services {
      let mode = service.networkMode
      if let mode, case .service(let other) = mode.value, !names.contains(other) {
        report(
          "service \(quoted(service.name)) uses the network of \(quoted(other)), which is not defined", at: mode.place)
      }
      let stated = model["services"]?.mapping?[service.name]?.mapping?["depends_on"]?.mapping
      for dependency in service.dependencies where !names.contains(dependency.value.service) {
        let other = dependency.value.service
        if dependency.place == mode?.place { continue }
        let isOptional = flag(stated?[other]?.mapping?["required"], "required") == false
        guard !isOptional else { continue }
        report(
          "service \(quoted(service.name)) depends on \(quoted(other)), which is not defined", at: dependency.place)
      }
    }
    checkCycles(services)
  }

  /// Walks the dependencies depth-first, with an explicit stack: a chain may be as long as the file.
  private mutating func checkCycles(_ services: [ComposeService]) {
    let positions = Dictionary(
      services.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    var isDone = [Bool](repeating: false, count: services.count)
    var isOnPath = isDone
    for start in services.indices where !isDone[start] {
      var path: [(service: Int, next: Int)] = [(start, 0)]
      isOnPath[start] = true
      while let (current, next) = path.last {
        guard next < services[current].dependencies.count else {
          isDone[current] = true
          isOnPath[current] = false
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let dependency = services[current].dependencies[next]
        guard let other = positions[dependency.value.service], !isDone[other] else { continue }
        guard !isOnPath[other] else {
          return report(
            "services \(quoted(services[current].name)) and \(quoted(services[other].name)) depend on each other; "
              + "remove one of the dependencies", at: dependency.place)
        }
        isOnPath[other] = true
        path.append((other, 0))
      }
    }
  }
}
