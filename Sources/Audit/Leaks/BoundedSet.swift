import Policy
import Wire

/// The first few elements of a set, in order of arrival, and whether others are missing.
public struct BoundedSet<Element: Hashable & Sendable>: Sendable {
  public private(set) var elements: [Element] = []
  private var isFull = false
  private var losses = 0
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Whether elements are missing from `elements`, or may be: they did not fit, or could not be read.
  public var isIncomplete: Bool { isFull || losses > 0 }

  /// Adds losses, or subtracts those that came late. Never below zero: what came late for another set says nothing
  /// about this one.
  mutating func lose(_ count: Int) { losses = max(0, losses + count) }

  mutating func formUnion(_ other: Self) {
    for element in other.elements { insert(element) }
    isFull = isFull || other.isFull
    losses += other.losses
  }

  mutating func insert(_ element: Element) {
    if elements.contains(element) { return }
    if elements.count < limit { elements.append(element) } else { isFull = true }
  }
}
