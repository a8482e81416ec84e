import Synchronization

/// What the work on sets of packets may cost in one check: in comparisons of two boxes, of all states and all rule sets
/// together. Whoever does such work pays here, so that no files, however they are made, keep a check busy for long.
final class HeaderWork: Sendable {
  /// That of the check that is being made; nil outside of one, where nothing is counted.
  @TaskLocal static var current: HeaderWork?

  /// Some seconds on a small machine.
  static var usual: Int { 8_000_000 }

  private let left: Atomic<Int>

  init(_ steps: Int = usual) { left = Atomic(steps) }

  /// Below 0 where it was too little.
  var remaining: Int { left.load(ordering: .relaxed) }

  /// Whether it was too little: then what was not worked out is not known.
  var isUsedUp: Bool { remaining < 0 }

  static func spend(_ steps: Int) throws(HeaderSpaceError) {
    guard let work = current else { return }
    guard work.left.subtract(steps, ordering: .relaxed).newValue >= 0 else { throw .tooLarge }
  }
}
