import Audit
import Policy
import Summaries
import Text

/// The two arrangements of a way.
extension Way {
  private static let audited = "the audited side"
  private static let past = "past the bridges"
  private static let unseen = "not seen on the NIC"

  /// Whose, bridge, NIC, where to.
  mutating func drawOrdered() {
    let interfaces = summary.namedInterfaces.filter { $0.frames > $0.ingress }
    let bridges = interfaces.filter { $0.role == .bridge }
    let nics = interfaces.filter { $0.role != .bridge }
    let names = Set(bridges.map(\.name))
    let leaks = summary.countedLeaks
    func isOnBridge(_ leak: Summary.LeakEntry) -> Bool { names.contains(leak.interface) }
    let carried: [(Kind, KeyPath<Summary.Interface, Int>)] = [(.tunnel, \.tunnel), (.allowed, \.allowed)]
    let hasOther = carried.contains { _, count in interfaces.contains { $0[keyPath: count] > 0 } }

    let owner = addColumn(
      hasOther ? [Box(title: Self.audited)] : [], leaks.map { (Self.owner($0), Self.count($0)) })
    // The box for what went around the bridges is shown only if something did.
    let isPassed =
      leaks.contains { !isOnBridge($0) }
      || carried.contains { _, count in
        bridges.allSatisfy { $0[keyPath: count] == 0 } && nics.contains { $0[keyPath: count] > 0 }
      }
    let bridge = addColumn([], bridges.map { ($0.name, max($0.leak, 1)) } + (isPassed ? [(Self.past, 0)] : []))
    describeInterfaces(bridges, in: 1, at: bridge, .bridge)
    let onNIC = nics.reduce(0) { $0 + $1.local }
    let nic = Box(
      title: nics.map(\.name).joined(separator: ", "), detail: "the NIC" + Self.local(onNIC))
    columns.append(nics.isEmpty ? [] : [nic])
    let reached = leaks.filter { !isOnBridge($0) || $0.escapedPackets > 0 }
    var ends: [Box] = []
    var places: [Kind: Int] = [:]
    for (kind, count) in carried where nics.contains(where: { $0[keyPath: count] > 0 }) {
      places[kind] = ends.count
      ends.append(Box(title: kind == .tunnel ? tunnelTitle : Kind.allowed.words))
    }
    let unseen = columns[2].count
    let target = addColumn(ends, reached.map { ($0.target, isOnBridge($0) ? $0.escapedPackets : Self.count($0)) })

    for (kind, count) in carried {
      let seen = bridges.filter { $0[keyPath: count] > 0 }
      let last = nics.reduce(0) { $0 + $1[keyPath: count] }
      let rest = places[kind].map { [0, $0] } ?? [unseen]
      for (number, interface) in seen.enumerated() {
        // The NIC's frames are shown once.
        add(kind, [0, bridge(interface.name)] + rest, first: interface[keyPath: count], last: number == 0 ? last : 0)
      }
      if seen.isEmpty { add(kind, [0, bridge(Self.past)] + rest, first: last, last: last) }
    }
    var stopped: [String: Int] = [:]
    for leak in leaks {
      let kind = Kind(summary.weight(leak))
      let count = Self.count(leak)
      guard isOnBridge(leak) else {
        add(kind, [owner(Self.owner(leak)), bridge(Self.past), 0, target(leak.target)], first: count, last: count)
        continue
      }
      let stops = [owner(Self.owner(leak)), bridge(leak.interface)]
      let escaped = leak.escapedPackets
      add(kind, stops + [0, target(leak.target)], first: escaped, last: escaped)
      add(kind, stops + [unseen], first: count - escaped, last: count - escaped)
      if count > escaped { stopped[leak.target, default: 0] += count - escaped }
    }
    if routes.contains(where: { $0.stops.count == 3 }) { columns[2].append(end(stopped)) }
  }

  /// Whose, interface, where to.
  mutating func drawUnordered() {
    let interfaces = summary.namedInterfaces.filter { $0.frames > $0.ingress }
    let leaks = summary.countedLeaks
    let carried: [(Kind, KeyPath<Summary.Interface, Int>)] = [
      (.tunnel, \.tunnel), (.local, \.local), (.allowed, \.allowed),
    ]
    let hasOther = carried.contains { _, count in interfaces.contains { $0[keyPath: count] > 0 } }
    let owner = addColumn(
      hasOther ? [Box(title: Self.audited)] : [], leaks.map { (Self.owner($0), Self.count($0)) })
    // Those that leaked come first, so that they keep boxes of their own.
    let place = addColumn([], interfaces.map { ($0.name, $0.leak) })
    describeInterfaces(interfaces, in: 1, at: place, nil)
    var ends: [Box] = []
    var places: [Kind: Int] = [:]
    for (kind, count) in carried where interfaces.contains(where: { $0[keyPath: count] > 0 }) {
      places[kind] = ends.count
      ends.append(Box(title: kind == .tunnel ? tunnelTitle : kind == .local ? "on the premises" : kind.words))
    }
    let target = addColumn(ends, leaks.map { ($0.target, Self.count($0)) })
    for interface in interfaces {
      for (kind, count) in carried {
        let frames = interface[keyPath: count]
        if let end = places[kind] { add(kind, [0, place(interface.name), end], first: frames, last: frames) }
      }
    }
    for leak in leaks {
      let stops = [owner(Self.owner(leak)), place(leak.interface), target(leak.target)]
      add(Kind(summary.weight(leak)), stops, first: Self.count(leak), last: Self.count(leak))
    }
  }

  private mutating func describeInterfaces(
    _ interfaces: [Summary.Interface], in column: Int, at place: (String) -> Int, _ role: InterfaceRole?
  ) {
    for interface in interfaces {
      let row = place(interface.name)
      guard columns[column][row].title == interface.name else { continue }
      let name = interface.role.map { $0 == .nic ? "the NIC" : "the bridge" } ?? interface.linkType.coded
      columns[column][row].detail = name + (role == nil ? "" : Self.local(interface.local))
    }
  }

  private var tunnelTitle: String {
    "tunnel to " + summary.tunnelStates.filter { $0.sentFrames > 0 }.map(\.endpoint.coded).joined(separator: ", ")
  }

  /// The end of what did not reach the NIC, in the NIC's column.
  private func end(_ targets: [String: Int]) -> Box {
    let names = targets.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    return Box(title: Self.unseen, detail: names.joined(separator: "; "), isEnd: true)
  }

  private static func local(_ frames: Int) -> String {
    frames == 0 ? "" : "; \(Formatting.count(frames, "local frame"))"
  }
}
