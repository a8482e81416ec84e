package import Audit

/// Counts by class.
extension Summary.Interface {
  package subscript(verdictClass: VerdictClass) -> Summary.Amount {
    .init(frames: Self.count(verdictClass, in: counts), bytes: Self.count(verdictClass, in: bytes))
  }

  private var counts: Summary.Classes {
    .init(frames: frames, tunnel: tunnel, local: local, leak: leak, allowed: allowed, ingress: ingress)
  }

  private static func count(_ verdictClass: VerdictClass, in classes: Summary.Classes) -> Int {
    switch verdictClass {
    case .tunnel: classes.tunnel
    case .local: classes.local
    case .leak: classes.leak
    case .allowed: classes.allowed
    case .ingress: classes.ingress
    }
  }
}

extension Summary {
  /// Interfaces with the same name as one: leaks and metrics know only the name.
  package var namedInterfaces: [Interface] {
    var named: [Interface] = []
    var places: [String: Int] = [:]
    for interface in interfaces {
      if let place = places[interface.name] {
        Interface.add(&named[place], interface)
      } else {
        places[interface.name] = named.count
        named.append(interface)
      }
    }
    return named
  }
}
