import Dispatch
package import Policy
import Synchronization

/// A queue between threads that never makes its writer wait: what does not fit is refused and counted.
///
/// Each severity has its own room, and the worst leave first (CONTRACT 3): milder elements can neither take the place
/// of a worse one nor delay it. Elements of one severity leave in the order in which they came. A severity's first
/// element allocates its memory for `capacity` elements, which never grows: 5 times `capacity` in all. Any number of
/// threads may write and read.
///
/// The condition is a counting semaphore, which unlike pthread_cond_t needs no pointer that outlives the lock. It holds
/// one token for each element and one for the end, so a reader with a token always finds one of the two.
package final class BoundedQueue<Element: Sendable>: Sendable {
  /// What a reader got.
  package enum Popped: Sendable {
    case element(Element)
    case timedOut
    /// Closed and empty: nothing more will come.
    case closed
  }

  private struct Room {
    var slots: [Element?] = []
    /// The position of the oldest element.
    var head = 0
    var count = 0
    var refused = 0

    mutating func push(_ element: Element, capacity: Int) {
      if slots.isEmpty { slots = Array(repeating: nil, count: capacity) }
      slots[(head + count) % capacity] = element
      count += 1
    }

    mutating func pop() -> Element? {
      guard count > 0 else { return nil }
      defer {
        slots[head] = nil
        head = (head + 1) % slots.count
        count -= 1
      }
      return slots[head]
    }
  }

  private struct State {
    var rooms = BySeverity(repeating: Room())
    var isClosed = false
  }

  package let capacity: Int
  private let state: Mutex<State>
  private let available = DispatchSemaphore(value: 0)

  /// - Parameter capacity: how many elements of a severity may wait; at least one.
  package init(capacity: Int) {
    self.capacity = max(1, capacity)
    state = Mutex(State())
  }

  /// The number of waiting elements.
  package var count: Int { amount(\.count).total }

  /// Elements that were refused, because the queue was full or closed.
  package var refused: Int { refusals.total }
  package var refusals: BySeverity<Int> { amount(\.refused) }

  private func amount(_ part: (Room) -> Int) -> BySeverity<Int> {
    state.withLock { state in
      var amounts = BySeverity(repeating: 0)
      for severity in Severity.worstFirst { amounts[severity] = part(state.rooms[severity]) }
      return amounts
    }
  }

  /// Appends an element without waiting for any reader. False if it was refused.
  @discardableResult
  package func push(_ element: Element, _ severity: Severity = .critical) -> Bool {
    let isAccepted = state.withLock { state in
      guard !state.isClosed, state.rooms[severity].count < capacity else {
        state.rooms[severity].refused += 1
        return false
      }
      state.rooms[severity].push(element, capacity: capacity)
      return true
    }
    if isAccepted { available.signal() }
    return isAccepted
  }

  /// Waits for an element. Nil once the queue is closed and empty.
  package func pop() -> Element? {
    available.wait()
    return take()
  }

  /// Waits for an element, not longer than `limit`.
  package func pop(within limit: Duration) -> Popped {
    guard available.wait(timeout: .now() + limit) == .success else { return .timedOut }
    return take().map(Popped.element) ?? .closed
  }

  /// Accepts no more elements. Readers still get those that wait, then learn of the end.
  package func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if isFirst { available.signal() }
  }

  /// The oldest element of the worst severity that has one, for a reader that got a token. A reader that gets the token
  /// of the end passes it on to the next one.
  private func take() -> Element? {
    let element: Element? = state.withLock { state in
      for severity in Severity.worstFirst {
        if let element = state.rooms[severity].pop() { return element }
      }
      return nil
    }
    if element == nil { available.signal() }
    return element
  }
}

extension DispatchTime {
  /// A moment on the monotonic clock. A length that the clock cannot hold counts as forever.
  static func + (time: DispatchTime, length: Duration) -> DispatchTime {
    let (seconds, attoseconds) = length.components
    guard seconds < 1_000_000_000 else { return .distantFuture }
    let nanoseconds = max(0, Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    return time + DispatchTimeInterval.nanoseconds(nanoseconds)
  }
}
