import Audit
import Capture
import Containers
import Policy
import PolicyFiles
import Text
import Wire

/// The interfaces of a watch by name, while they come and go.
struct AuditedInterfaces {
  struct Interface {
    let name: String
    /// The auditor's number for the interface.
    let number: Int
    var index: UInt32?
    var awaySince: Timestamp?
    var absences = 0
    /// Frames that it had lost before the watch began; zero once it was made anew. What it lost in an earlier life is
    /// not known, but an interface that vanished makes the audit incomplete anyway.
    var dropsBefore: UInt64 = 0
  }

  private(set) var interfaces: [Interface] = []
  let table: any InterfaceTable
  private let roles: [String: InterfaceRole]
  /// Whether bridges that nobody named are audited from their first frame on.
  private let discovers: Bool
  /// The audited project, if it is known.
  private let stack: VPNStack?
  /// Bridges of networks that no container of the project is on.
  private var foreign: Set<String> = []
  /// Bridges that a container of the project was found on, whatever was stated.
  private var own: Set<String> = []
  /// Interfaces whose frames are not audited: the kernel filters them out, or they are ignored.
  private var newestUnselected: UInt32 = 0
  private var ignored: Set<UInt32> = []
  private static var mostIgnored: Int { 1024 }
  /// Bridges that had unaudited frames before a container of the project joined them.
  private(set) var late: [String] = []
  /// Why the kernel may not let all their frames through.
  private(set) var selectionFailure: String?

  init(_ choice: InterfaceChoice, _ policy: TunnelPolicy, _ auditor: inout Auditor) {
    roles = policy.roles
    table = choice.table
    discovers = choice.discovers
    stack = choice.stack
    for name in choice.names {
      let role = roles[name] ?? (table.index(of: name) == nil ? nil : table.role(of: name))
      attach(name, role, &auditor)
    }
  }

  private mutating func attach(_ name: String, _ role: InterfaceRole?, _ auditor: inout Auditor) {
    let number = auditor.attach(InterfaceTally(name: name, linkType: .linuxCooked2, role: role))
    auditor.setPrefixes(table.prefixes(of: name), of: number)
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
    _ snapshot: ContainerSnapshot?, _ capture: inout some InterfaceSelection & ~Copyable, _ auditor: inout Auditor,
    at now: Timestamp
  ) {
    ignoreForeignBridges(snapshot)
    for name in own.sorted() where !names.contains(name) {
      guard let index = table.index(of: name) else { continue }
      if index <= newestUnselected || ignored.contains(index) { late.append(name) }
      attach(name, index, &capture, &auditor, at: now)
      let newest = table.newestIndex
      do throws(CaptureError) { try select(&capture, newerThan: newest) } catch { selectionFailure = "\(error)" }
    }
  }

  /// Whether an interface is a bridge whose owner the engine has not stated yet.
  func awaitsEngine(_ index: UInt32) -> Bool {
    guard stack != nil, let name = table.name(of: index), !names.contains(name) else { return false }
    return table.role(of: name) == .bridge && !foreign.contains(name) && !own.contains(name)
  }

  private mutating func attach(
    _ name: String, _ index: UInt32, _ capture: inout some InterfaceSelection & ~Copyable, _ auditor: inout Auditor,
    at now: Timestamp
  ) {
    attach(name, roles[name] ?? .bridge, &auditor)
    interfaces[interfaces.count - 1].index = index
    interfaces[interfaces.count - 1].dropsBefore = table.drops(of: name) ?? 0
    capture.place(index, as: interfaces[interfaces.count - 1].number)
    auditor.beginSight(of: interfaces[interfaces.count - 1].number, at: now)
    auditor.note(.init(.interface, "\(name) is audited from now on", at: now))
  }

  var names: [String] { interfaces.map(\.name) }
  var present: [(name: String, number: Int)] {
    interfaces.filter { $0.index != nil }.map { ($0.name, $0.number) }
  }
  func isBridge(_ name: String) -> Bool { (roles[name] ?? table.role(of: name)) == .bridge }
  var absent: [String] { interfaces.filter { $0.index == nil }.map(\.name) }

  /// Begins with the interfaces that exist now.
  mutating func begin(_ capture: inout some InterfaceSelection & ~Copyable, _ auditor: inout Auditor, at now: Timestamp)
    throws(CaptureError)
  {
    let newest = table.newestIndex
    for position in interfaces.indices {
      let name = interfaces[position].name
      guard let index = table.index(of: name) else {
        interfaces[position].awaySince = now
        continue
      }
      interfaces[position].index = index
      interfaces[position].dropsBefore = table.drops(of: name) ?? 0
      capture.place(index, as: interfaces[position].number)
      auditor.beginSight(of: interfaces[position].number, at: now)
    }
    if !discovers { newestUnselected = newest }
    try select(&capture, newerThan: newest)
  }

  /// Makes the kernel let through the audited interfaces, and all that are newer than `newest`. The caller must take
  /// `newest` before it looks anything up: an interface that appears meanwhile then passes.
  private func select(_ capture: inout some InterfaceSelection & ~Copyable, newerThan newest: UInt32)
    throws(CaptureError)
  {
    // A bridge without a container has no traffic yet, but its first frame must not be missed.
    let bridges = discovers ? table.bridges(active: false).compactMap(table.index(of:)) : []
    try capture.select(Array(Set(interfaces.compactMap(\.index) + bridges)), newerThan: newest)
  }

  /// Determines which interface a waiting frame came from.
  mutating func identify(
    _ index: UInt32, _ capture: inout some InterfaceSelection & ~Copyable, _ auditor: inout Auditor, at now: Timestamp
  ) {
    refresh(&capture, &auditor, at: now)
    if let name = table.name(of: index), table.role(of: name) == .bridge,
      !names.contains(name), own.contains(name) || discovers && !foreign.contains(name)
    {
      attach(name, index, &capture, &auditor, at: now)
    }
    let position = interfaces.firstIndex { $0.index == index }
    if position == nil, table.name(of: index).map(table.role(of:)) == .bridge { ignore(index) }
    capture.place(index, as: position.map { interfaces[$0].number })
  }

  private mutating func ignore(_ index: UInt32) {
    ignored.insert(index)
    guard ignored.count > Self.mostIgnored else { return }
    // Indices only grow, so all up to this one count as ignored.
    newestUnselected = max(newestUnselected, ignored.max() ?? 0)
    ignored = []
  }

  /// Checks which interfaces have gone or appeared.
  mutating func refresh(
    _ capture: inout some InterfaceSelection & ~Copyable, _ auditor: inout Auditor, at now: Timestamp
  ) {
    let newest = table.newestIndex
    var hasChanged = false
    for position in interfaces.indices {
      let interface = interfaces[position]
      let index = table.index(of: interface.name)
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
        auditor.setRole(roles[interface.name] ?? table.role(of: interface.name), on: interface.number)
        auditor.setPrefixes(table.prefixes(of: interface.name), of: interface.number)
      }
      interfaces[position].index = index
      hasChanged = true
    }
    guard hasChanged else { return }
    // An index that was chosen by hand may be an old one, which the kernel does not let through automatically.
    do throws(CaptureError) { try select(&capture, newerThan: newest) } catch { selectionFailure = "\(error)" }
  }
}
