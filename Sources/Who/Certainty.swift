/// How sure it is which process sent a packet. The kernel's programs have the same numbers.
package enum Certainty: UInt8, Sendable, CaseIterable {
  /// The socket is known, and its process is not.
  case unknown
  /// From no socket of a program: made by the kernel itself, or forwarded.
  case kernel
  /// The process had the socket open when the watch began.
  case listed
  /// The process sent from this socket before; this packet left later, perhaps after its end.
  case used
  /// The process was sending when the packet was handed to the interface.
  case sent
}
