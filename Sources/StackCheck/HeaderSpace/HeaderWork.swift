import Synchronization

/// The cost limit for work on sets of packets in one check: in comparisons of two boxes, for all states and all rule
/// sets together. All such work is paid for here, so that no files, however they are made, keep a check busy for long.
final class HeaderWork: Sendable {
  /// The limit of the running check; nil outside of a check, where nothing is counted.
  @TaskLocal static var current: HeaderWork?

  /// Some seconds on a small machine.
  static var usual: Int { 8_000_000 }

  private let left: Atomic<Int>

  init(_ steps: Int = usual) { left = Atomic(steps) }

  /// Negative if the limit was too low.
  var remaining: Int { left.load(ordering: .relaxed) }

  /// Whether the limit was too low. What was not worked out then is not known.
  var isUsedUp: Bool { remaining < 0 }

  static func spend(_ steps: Int) throws(HeaderSpaceError) {
    guard let work = current else { return }
    guard work.left.subtract(steps, ordering: .relaxed).newValue >= 0 else { throw .tooLarge }
  }
}
