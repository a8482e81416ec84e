package import Containers
package import Policy
package import PolicyFiles
import Wire

/// Which interfaces a watch audits from the start, and which it may take up later.
package struct InterfaceChoice {
  package let names: [String]
  /// Whether bridges that nobody named are audited from their first frame on.
  package let discovers: Bool
  /// The project whose bridges are audited as they appear. Nil if the user names interfaces: then no others are audited.
  let stack: VPNStack?
  let table: any InterfaceTable

  /// The interfaces that the user named, or those that are found.
  ///
  /// - Parameters:
  ///   - named: what the user named; empty for what is found.
  ///   - containers: what runs now, if the engine says so.
  package init(
    named: [String], stack: VPNStack?, containers: ContainerSnapshot?, table: any InterfaceTable = KernelInterfaces()
  ) throws(WatchError) {
    self.table = table
    guard named.isEmpty else {
      names = named.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
      discovers = false
      self.stack = nil
      return
    }
    self.stack = stack
    // If the files name the stack's bridges, those are audited, whether they exist yet or not.
    if let stack, let stated = RunningStack.statedBridges(of: stack) {
      let found = containers.map { RunningStack.ownBridges(stack, $0) } ?? []
      names = stated + found.filter { !stated.contains($0) } + table.defaultRoutes()
      discovers = false
      return
    }
    names = Self.bridges(stack, containers, table) + table.defaultRoutes()
    discovers = true
    guard !names.isEmpty else {
      throw WatchError(.noInput, "no bridge and no default route was found; name what to audit with -i INTERFACE")
    }
  }

  /// The bridges that containers are on, or all that carry traffic; without those that the project has no part in.
  private static func bridges(
    _ stack: VPNStack?, _ containers: ContainerSnapshot?, _ table: any InterfaceTable
  ) -> [String] {
    var foreign: Set<String> = []
    if let stack, let containers { foreign = RunningStack.foreignBridges(stack, containers) }
    let used = (containers?.networks ?? []).compactMap(\.bridge).filter { !foreign.contains($0) }
    return used.isEmpty ? table.bridges(active: true).filter { !foreign.contains($0) } : used
  }

  /// Whether a bridge may appear that is to be audited.
  func awaitsBridges(_ containers: ContainerSnapshot?) -> Bool {
    discovers && (containers != nil || !table.bridges(active: false).isEmpty)
  }

  /// Declares the networks of the interfaces' own addresses as local, but only private space: a public network that
  /// calls itself local is not believed (TunnelCrack's LocalNet).
  package func declareNetworks(in policy: inout TunnelPolicy) {
    for name in names {
      for prefix in table.prefixes(of: name) where AddressScope(prefix.address) == .private {
        policy.local.append(Stated(prefix, origin: "address of \(name)"))
      }
    }
  }
}
