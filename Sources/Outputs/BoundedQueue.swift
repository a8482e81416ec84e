import Dispatch
import Synchronization

/// A queue between threads that never makes its writer wait: what does not fit is refused and counted.
///
/// Elements leave in the order in which they came. The memory for `capacity` elements is taken at once and
/// never grows. Any number of threads may write and read.
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

  private struct State {
    var slots: [Element?]
    /// Where the oldest element is.
    var head = 0
    var count = 0
    var isClosed = false
    var refused = 0
  }

  package let capacity: Int
  private let state: Mutex<State>
  private let available = DispatchSemaphore(value: 0)

  /// - Parameter capacity: how many elements may wait; at least one.
  package init(capacity: Int) {
    self.capacity = max(1, capacity)
    state = Mutex(State(slots: Array(repeating: nil, count: max(1, capacity))))
  }

  /// Elements that wait.
  package var count: Int { state.withLock { $0.count } }

  /// Elements that were refused, because the queue was full or closed.
  package var refused: Int { state.withLock { $0.refused } }

  /// Appends an element without waiting for any reader. False if it was refused.
  @discardableResult
  package func push(_ element: Element) -> Bool {
    let isAccepted = state.withLock { state in
      guard !state.isClosed, state.count < capacity else {
        state.refused += 1
        return false
      }
      state.slots[(state.head + state.count) % capacity] = element
      state.count += 1
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

  /// The oldest element, for a reader that got a token. The token of the end is handed on to the next reader.
  private func take() -> Element? {
    let element: Element? = state.withLock { state in
      guard state.count > 0 else { return nil }
      defer {
        state.slots[state.head] = nil
        state.head = (state.head + 1) % capacity
        state.count -= 1
      }
      return state.slots[state.head]
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
