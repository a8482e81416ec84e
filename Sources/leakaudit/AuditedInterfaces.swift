import Audit
import Capture
import Containers
import Policy
import PolicyFiles
import Report
import Text
import Wire

/// The interfaces of a watch by name, while they come and go.
struct AuditedInterfaces {
  private struct Interface {
    let name: String
    /// The auditor's number for the interface.
    let number: Int
    var index: UInt32?
    var awaySince: Timestamp?
    var absences = 0
    /// Frames that it had lost before the watch began, and in its earlier lives.
    var dropsBefore: UInt64 = 0
    var dropsLost: UInt64 = 0
  }

  private var interfaces: [Interface] = []
  private let roles: [String: InterfaceRole]
  /// Whether bridges that nobody named are audited from their first frame on.
  private let discovers: Bool
  /// The audited project, if it is known.
  var stack: VPNStack?
  /// Bridges of networks that no container of the project is on.
  private var foreign: Set<String> = []
  /// Bridges that a container of the project was found on, whatever was stated.
  private var own: Set<String> = []
  /// Interfaces whose frames are not audited: the kernel filters them out, or they were passed over.
  private var newestUnselected: UInt32 = 0
  private var passedOver: Set<UInt32> = []
  private static var mostPassedOver: Int { 1024 }
  /// Bridges that had unaudited frames before a container of the project joined them.
  private var late: [String] = []
  /// Why the kernel may not let all their frames through.
  private var selectionFailure: String?

  init(_ names: [String], discovers: Bool, _ policy: TunnelPolicy, _ auditor: inout Auditor) {
    roles = policy.roles
    self.discovers = discovers
    for name in names {
      let role = NetworkInterfaces.index(of: name) == nil ? roles[name] : role(of: name)
      attach(name, role, &auditor)
    }
  }

  /// What was stated; else a kernel bridge counts as a bridge, and anything else as a NIC.
  private func role(of name: String) -> InterfaceRole {
    roles[name] ?? (NetworkInterfaces.isBridge(name) ? .bridge : .nic)
  }

  private mutating func attach(_ name: String, _ role: InterfaceRole?, _ auditor: inout Auditor) {
    let number = auditor.attach(InterfaceTally(name: name, linkType: .linuxCooked2, role: role))
    auditor.setPrefixes(NetworkInterfaces.prefixes(of: name), of: number)
    interfaces.append(Interface(name: name, number: number))
  }

  /// Updates which bridges are the project's and which are foreign.
  mutating func ignoreForeignBridges(_ snapshot: ContainerSnapshot?) {
    guard let stack, let snapshot else { return }
    foreign = RunningStack.foreignBridges(stack, snapshot)
    own = Set(RunningStack.ownBridges(stack, snapshot))
  }

  /// Starts to audit the bridges that containers of the project are on now.
  mutating func follow(
    _ snapshot: ContainerSnapshot?, _ capture: inout LiveCapture, _ auditor: inout Auditor, at now: Timestamp
  ) {
    ignoreForeignBridges(snapshot)
    for name in own.sorted() where !names.contains(name) {
      guard let index = NetworkInterfaces.index(of: name) else { continue }
      if index <= newestUnselected || passedOver.contains(index) { late.append(name) }
      attach(name, index, &capture, &auditor, at: now)
      let newest = NetworkInterfaces.newestIndex
      do throws(CaptureError) { try select(&capture, newerThan: newest) } catch { selectionFailure = "\(error)" }
    }
  }

  /// Whether an interface is a bridge whose owner the engine has not stated yet.
  func awaitsEngine(_ index: UInt32) -> Bool {
    guard stack != nil, let name = NetworkInterfaces.name(of: index), !names.contains(name) else { return false }
    return NetworkInterfaces.isBridge(name) && !foreign.contains(name) && !own.contains(name)
  }

  private mutating func attach(
    _ name: String, _ index: UInt32, _ capture: inout LiveCapture, _ auditor: inout Auditor, at now: Timestamp
  ) {
    attach(name, roles[name] ?? .bridge, &auditor)
    interfaces[interfaces.count - 1].index = index
    interfaces[interfaces.count - 1].dropsBefore = NetworkInterfaces.drops(of: name) ?? 0
    capture.place(index, as: interfaces[interfaces.count - 1].number)
    auditor.beginSight(of: interfaces[interfaces.count - 1].number, at: now)
    auditor.note(.init(.interface, "\(name) is audited from now on", at: now))
  }

  var names: [String] { interfaces.map(\.name) }
  var present: [(name: String, number: Int)] {
    interfaces.filter { $0.index != nil }.map { ($0.name, $0.number) }
  }
  func isBridge(_ name: String) -> Bool { role(of: name) == .bridge }
  var absent: [String] { interfaces.filter { $0.index == nil }.map(\.name) }

  /// Begins with the interfaces that exist now.
  mutating func begin(_ capture: inout LiveCapture, _ auditor: inout Auditor, at now: Timestamp) throws(CaptureError) {
    let newest = NetworkInterfaces.newestIndex
    for position in interfaces.indices {
      let name = interfaces[position].name
      guard let index = NetworkInterfaces.index(of: name) else {
        interfaces[position].awaySince = now
        continue
      }
      interfaces[position].index = index
      interfaces[position].dropsBefore = NetworkInterfaces.drops(of: name) ?? 0
      capture.place(index, as: interfaces[position].number)
      auditor.beginSight(of: interfaces[position].number, at: now)
    }
    if !discovers { newestUnselected = newest }
    try select(&capture, newerThan: newest)
  }

  /// Makes the kernel let through the audited interfaces, and all that are newer than `newest`. The caller must take
  /// `newest` before it looks anything up: an interface that appears meanwhile then passes.
  private func select(_ capture: inout LiveCapture, newerThan newest: UInt32) throws(CaptureError) {
    // A bridge without a container has no traffic yet, but its first frame must not be missed.
    let bridges = discovers ? NetworkInterfaces.bridges(active: false).compactMap(NetworkInterfaces.index) : []
    try capture.select(Array(Set(interfaces.compactMap(\.index) + bridges)), newerThan: newest)
  }

  /// Determines which interface a waiting frame came from.
  mutating func identify(
    _ index: UInt32, _ capture: inout LiveCapture, _ auditor: inout Auditor, at now: Timestamp
  ) {
    refresh(&capture, &auditor, at: now)
    if let name = NetworkInterfaces.name(of: index), NetworkInterfaces.isBridge(name),
      !names.contains(name), own.contains(name) || discovers && !foreign.contains(name)
    {
      attach(name, index, &capture, &auditor, at: now)
    }
    let position = interfaces.firstIndex { $0.index == index }
    if position == nil, NetworkInterfaces.name(of: index).map(NetworkInterfaces.isBridge) == true { passOver(index) }
    capture.place(index, as: position.map { interfaces[$0].number })
  }

  private mutating func passOver(_ index: UInt32) {
    passedOver.insert(index)
    guard passedOver.count > Self.mostPassedOver else { return }
    // Indices only grow, so all up to this one count as passed over.
    newestUnselected = max(newestUnselected, passedOver.max() ?? 0)
    passedOver = []
  }

  /// Checks which interfaces have gone or appeared.
  mutating func refresh(_ capture: inout LiveCapture, _ auditor: inout Auditor, at now: Timestamp) {
    let newest = NetworkInterfaces.newestIndex
    var hasChanged = false
    for position in interfaces.indices {
      let interface = interfaces[position]
      let index = NetworkInterfaces.index(of: interface.name)
      guard index != interface.index else { continue }
      if interface.index != nil {
        interfaces[position].awaySince = now
        interfaces[position].absences += 1
        auditor.endSight(of: interface.number, at: now)
        auditor.note(.init(.interface, "\(interface.name) vanished", at: now))
      }
      if let index {
        let away = interfaces[position].awaySince.map {
          " after " + Formatting.duration(nanoseconds: (now - $0).nanoseconds)
        }
        auditor.note(.init(.interface, "\(interface.name) appeared\(away ?? "")", at: now))
        interfaces[position].awaySince = nil
        interfaces[position].dropsBefore = 0
        capture.place(index, as: interface.number)
        auditor.beginSight(of: interface.number, at: now)
        auditor.setRole(role(of: interface.name), on: interface.number)
        auditor.setPrefixes(NetworkInterfaces.prefixes(of: interface.name), of: interface.number)
      }
      interfaces[position].index = index
      hasChanged = true
    }
    guard hasChanged else { return }
    // An index that was chosen by hand may be an old one, which the kernel does not let through automatically.
    do throws(CaptureError) { try select(&capture, newerThan: newest) } catch { selectionFailure = "\(error)" }
  }

  private func drops(_ interface: Interface) -> UInt64 {
    let now = NetworkInterfaces.drops(of: interface.name) ?? interface.dropsBefore
    return interface.dropsLost + (now >= interface.dropsBefore ? now - interface.dropsBefore : 0)
  }

  /// Gives the auditor the interfaces' own counts of lost frames.
  func reportDrops(_ auditor: inout Auditor) {
    for interface in interfaces { auditor.setDrops(drops(interface), on: interface.number) }
  }

  /// What cannot have been seen on the interfaces.
  func gaps() -> [Gap] {
    [selectionFailure].compactMap(\.self).map { Gap($0, .absent, do: "restart the watch") }
      + late.map {
        Gap(
          "a container of the project joined \($0) before it was audited: its first packets were not seen", .lost,
          do: "name this bridge with -i, and start the watch before the stack")
      }
      + interfaces.compactMap { interface in
        if interface.index == nil {
          return interface.absences > 0
            ? Gap(
              "\(interface.name) is gone\(interface.awaySince.map { " since \(Formatting.time($0))" } ?? ""): traffic there cannot be seen",
              .absent, do: "bring \(interface.name) back; the watch then continues by itself")
            : Gap(
              "\(interface.name) never appeared", .unheard,
              do: "check the name (ip link), and start the stack while the watch runs")
        }
        guard interface.absences > 0 else { return nil }
        return Gap(
          "\(interface.name) vanished \(interface.absences == 1 ? "once" : "\(interface.absences) times") and came "
            + "back", .lost, do: "see the timeline for the times: packets sent meanwhile were not seen")
      }
  }
}
