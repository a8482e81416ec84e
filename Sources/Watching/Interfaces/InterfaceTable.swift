import Capture
package import Policy
package import Wire

/// What is known of the interfaces of a network namespace.
package protocol InterfaceTable: Sendable {
  /// Nil if no interface has the name.
  func index(of name: String) -> UInt32?
  func name(of index: UInt32) -> String?
  /// The highest index in use. New interfaces get higher ones.
  var newestIndex: UInt32 { get }
  /// A kernel bridge is a bridge, and anything else counts as a NIC.
  func role(of name: String) -> InterfaceRole
  /// All bridges, or only those with an active interface attached.
  func bridges(active: Bool) -> [String]
  /// The interfaces of the default routes.
  func defaultRoutes() -> [String]
  /// The networks to which an interface's own addresses belong.
  func prefixes(of name: String) -> [IPPrefix]
  /// Frames that the interface itself lost; nil if that is not known.
  func drops(of name: String) -> UInt64?
}

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
