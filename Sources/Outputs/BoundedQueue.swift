import Dispatch
package import Policy
import Synchronization

/// A queue between threads that never makes its writer wait: what does not fit is refused and counted.
///
/// Each severity has room of its own, and the worst leave first (CONTRACT 3): neither can milder elements take a worse
/// one's place, nor does it wait behind them. Elements of one severity leave in the order in which they came. A severity's
/// memory for `capacity` elements is taken with its first one and never grows: 5 times `capacity` in all. Any number of
/// threads may write and read.
///
/// The condition is a counting semaphore, which unlike pthread_cond_t needs no pointer that outlives the
/// lock: it holds one token for each element and one for the end, so a reader that got a token finds either.
package final class BoundedQueue<Element: Sendable>: Sendable {
  /// What a reader got.
  package enum Popped: Sendable {
    case element(Element)
    case timedOut
    /// Closed and empty: nothing will come any more.
    case closed
  }

  private struct Room {
    var slots: [Element?] = []
    /// Where the oldest element is.
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

  /// Elements that wait.
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

  /// Takes no element any more. Readers still get those that wait, then learn of the end.
  package func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if isFirst { available.signal() }
  }

  /// The oldest element of the worst severity that has one, for a reader that got a token. The token of the end is handed
  /// on to the next reader.
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
  /// A moment of the clock that no one sets. Lengths of time beyond what it holds are as good as for ever.
  static func + (time: DispatchTime, length: Duration) -> DispatchTime {
    let (seconds, attoseconds) = length.components
    guard seconds < 1_000_000_000 else { return .distantFuture }
    let nanoseconds = max(0, Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    return time + DispatchTimeInterval.nanoseconds(nanoseconds)
  }
}
