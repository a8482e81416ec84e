import Policy
import Wire

/// Where a frame was captured.
struct Place: Sendable, BitwiseCopyable {
  /// The auditor's number of the interface.
  var interface: Int
  var role: InterfaceRole?

  init(_ interface: Int, _ role: InterfaceRole?) {
    self.interface = interface
    self.role = role
  }
}
