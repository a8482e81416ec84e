import Dispatch
import Outputs
import Policy
import Synchronization
import TestSupport
import Testing

@Suite struct BoundedQueueTests {
  @Test func `behaves like an array with a limit`() {
    var random = SeededGenerator()
    for capacity in [1, 2, 3, 7, 64] {
      let queue = BoundedQueue<Int>(capacity: capacity)
      var oracle: [Int] = []
      var refused = 0
      for number in 0..<5000 {
        if Bool.random(using: &random) {
          let fits = oracle.count < capacity
          if fits { oracle.append(number) } else { refused += 1 }
          #expect(queue.push(number) == fits, "seed \(random.seed)")
        } else if !oracle.isEmpty {
          #expect(queue.pop() == oracle.removeFirst(), "seed \(random.seed)")
        }
        guard queue.count == oracle.count, queue.refused == refused else {
          Issue.record("\(queue.count) of \(oracle.count), \(queue.refused) of \(refused), seed \(random.seed)")
          return
        }
      }
    }
  }

  /// Each writer's elements are numbered. Whatever the threads' order was, each accepted element was read once, each
  /// reader saw a writer's elements in their order, and what is missing was refused.
  @Test(arguments: [1, 3, 50]) func `loses, doubles and reorders nothing between threads`(capacity: Int) {
    struct Element: Hashable { let writer: Int, number: Int }
    let seed = SeededGenerator().seed
    let queue = BoundedQueue<Element>(capacity: capacity)
    let accepted = Mutex<Set<Element>>([])
    let read = Mutex<[[Element]]>([])
    let writers = DispatchGroup()
    let readers = DispatchGroup()
    for reader in 0..<3 {
      start(in: readers) {
        var random = SeededGenerator(seed: seed &+ UInt64(reader))
        var mine: [Element] = []
        reading: while true {
          if Bool.random(using: &random) {
            guard let element = queue.pop() else { break }
            mine.append(element)
          } else {
            switch queue.pop(within: .milliseconds(1)) {
            case .element(let element): mine.append(element)
            case .timedOut: continue
            case .closed: break reading
            }
          }
        }
        read.withLock { $0.append(mine) }
      }
    }
    for writer in 0..<4 {
      start(in: writers) {
        var random = SeededGenerator(seed: seed &- UInt64(writer + 1))
        var mine: Set<Element> = []
        for number in 0..<5000 {
          let element = Element(writer: writer, number: number)
          if queue.push(element) { mine.insert(element) }
          if Int.random(in: 0..<100, using: &random) == 0 { pause(.microseconds(50)) }
        }
        accepted.withLock { $0.formUnion(mine) }
      }
    }
    #expect(writers.wait(timeout: .now() + 60) == .success)
    queue.close()
    #expect(readers.wait(timeout: .now() + 60) == .success, "a reader was not told of the end, seed \(seed)")
    let all = read.withLock { $0 }
    #expect(all.joined().count == Set(all.joined()).count, "doubled, seed \(seed)")
    #expect(Set(all.joined()) == accepted.withLock { $0 }, "lost, seed \(seed)")
    #expect(queue.refused == 20_000 - all.joined().count, "seed \(seed)")
    for mine in all {
      for writer in 0..<4 {
        let numbers = mine.filter { $0.writer == writer }.map(\.number)
        #expect(numbers == numbers.sorted(), "reordered, seed \(seed)")
      }
    }
  }

  @Test func `the worst leave first, and milder ones take none of their room`() {
    let queue = BoundedQueue<Int>(capacity: 2)
    for number in 0..<9 { queue.push(number, .info) }
    #expect(queue.push(100, .high))
    #expect(queue.push(200, .critical))
    #expect(queue.push(201, .critical))
    #expect(!queue.push(202, .critical))
    #expect((0..<5).map { _ in queue.pop() } == [200, 201, 100, 0, 1])
    #expect(queue.refusals.text() == "1 critical, 7 info")
    #expect(queue.refused == 8)
  }

  @Test func `once closed, it hands out what waits, then the end`() {
    let queue = BoundedQueue<Int>(capacity: 4)
    queue.push(1)
    queue.push(2)
    queue.close()
    queue.close()
    #expect(!queue.push(3))
    #expect(queue.refused == 1)
    #expect(queue.pop() == 1)
    #expect(queue.pop() == 2)
    for _ in 0..<3 { #expect(queue.pop() == nil) }
    guard case .closed = queue.pop(within: .seconds(10)) else {
      Issue.record("the end must be told at once")
      return
    }
  }

  @Test func `waits as long as requested and no longer`() {
    let queue = BoundedQueue<Int>(capacity: 4)
    let start = ContinuousClock.now
    guard case .timedOut = queue.pop(within: .milliseconds(50)) else {
      Issue.record("there was nothing to read")
      return
    }
    #expect(ContinuousClock.now - start >= .milliseconds(50))
    queue.push(1)
    guard case .element(1) = queue.pop(within: .seconds(60)) else {
      Issue.record("the time-out must not cost an element")
      return
    }
  }
}
