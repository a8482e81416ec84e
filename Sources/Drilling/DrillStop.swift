import Synchronization

/// Whether the user wants the drill to end: whatever waits looks at it.
package enum DrillStop {
  private static let requested = Atomic<Bool>(false)

  private static let shields = Atomic<Int>(0)

  package static func request() { requested.store(true, ordering: .relaxed) }
  package static var isRequested: Bool {
    requested.load(ordering: .relaxed) && shields.load(ordering: .relaxed) == 0
  }

  /// Does what must not be cut short, such as undoing what was done to a running stack. A wish to end waits for it.
  static func shielded<T>(_ work: () throws(DrillProblem) -> T) throws(DrillProblem) -> T {
    shields.add(1, ordering: .relaxed)
    defer { shields.subtract(1, ordering: .relaxed) }
    return try work()
  }

  /// Throws if the drill is to end.
  static func check() throws(DrillProblem) {
    if isRequested { throw DrillProblem(.stopped, "interrupted") }
  }
}
