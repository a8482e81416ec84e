/// A process that a flow belongs to, as the kernel describes it. Texts are the process's own choice.
package struct SocketOwner: Hashable, Sendable {
  package var certainty: Certainty
  /// The network namespace, by its inode: two may use the same addresses.
  package var namespace: UInt32
  /// The container's id in 64 hexadecimal digits; nil if the control group is no container's.
  package var container: String?
  /// Nil if no single process is known.
  package var process: Process?

  package struct Process: Hashable, Sendable {
    /// As the machine counts it, and as the container does.
    package var number, innerNumber: UInt32
    /// When it started, in nanoseconds since the machine did: numbers are used again.
    package var started: UInt64
    /// `curl`, `python3.11 /app/tracker.py`, `busybox wget`: the executable's name, and what it runs. No other
    /// argument, since those hold secrets. At most `longest` characters, none of which a terminal acts on.
    package var program: String

    package static var longest: Int { 80 }
  }

  package init(certainty: Certainty, namespace: UInt32, container: String? = nil, process: Process? = nil) {
    self.certainty = certainty
    self.namespace = namespace
    self.container = container
    self.process = process
  }

  /// Whether both describe the same process, or both the same container without one.
  func isAlike(_ other: Self) -> Bool {
    namespace == other.namespace && container == other.container && process?.number == other.process?.number
      && process?.started == other.process?.started
  }
}
