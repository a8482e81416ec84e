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
