import Capture
package import Policy
package import Wire

/// What the kernel says now.
package struct KernelInterfaces: InterfaceTable {
  package init() {}

  package func index(of name: String) -> UInt32? { NetworkInterfaces.index(of: name) }
  package func name(of index: UInt32) -> String? { NetworkInterfaces.name(of: index) }
  package var newestIndex: UInt32 { NetworkInterfaces.newestIndex }
  package func role(of name: String) -> InterfaceRole { NetworkInterfaces.isBridge(name) ? .bridge : .nic }
  package func bridges(active: Bool) -> [String] { NetworkInterfaces.bridges(active: active) }
  package func defaultRoutes() -> [String] { NetworkInterfaces.defaultRoutes() }
  package func prefixes(of name: String) -> [IPPrefix] { NetworkInterfaces.prefixes(of: name) }
  package func drops(of name: String) -> UInt64? { NetworkInterfaces.drops(of: name) }
}
