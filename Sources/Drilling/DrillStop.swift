import Synchronization

/// Whether the user wants the drill to end: whatever waits looks at it.
package enum DrillStop {
  private static let requested = Atomic<Bool>(false)

  package static func request() { requested.store(true, ordering: .relaxed) }
  package static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Throws if the drill is to end.
  static func check() throws(DrillProblem) {
    if isRequested { throw DrillProblem(.stopped, "interrupted") }
  }
}
