import Dispatch
import Foundation
import Glibc
import Synchronization

/// Writes evidence on a thread of its own: a slow disk never makes the capture wait. What the queue cannot hold is
/// counted as lost.
package final class EvidenceThread: Sendable {
  /// Frames that may wait for the disk.
  private static let capacity = 2048

  private let queue = BoundedQueue<EvidenceRecord>(capacity: EvidenceThread.capacity)
  private let file: Mutex<EvidenceFile?>
  private let ended = DispatchSemaphore(value: 0)
  private let isFull = Atomic<Bool>(false)
  private let skipped = Atomic<Int>(0)

  package init(_ file: consuming EvidenceFile) {
    self.file = Mutex(file)
    Thread.detachNewThread { [self] in
      OutletThread.blockSignals()
      while let record = queue.pop() {
        self.file.withLock { file in
          file?.write(record)
          if let outcome = file?.outcome, outcome.beyondLimits > 0 { isFull.store(true, ordering: .relaxed) }
        }
      }
      ended.signal()
    }
  }

  /// Whether a frame would still be written: copying one for nothing is to be avoided.
  package var takesMore: Bool { !isFull.load(ordering: .relaxed) }

  package func post(_ record: EvidenceRecord) { queue.push(record) }

  /// Counts a frame that was not even copied, because the file has reached its bound.
  package func skip() { skipped.add(1, ordering: .relaxed) }

  /// Writes what waits, not longer than `limit`, and tells what became of all frames.
  package func finish(within limit: Duration) -> EvidenceFile.Outcome? {
    queue.close()
    let isOver = ended.wait(timeout: .now() + limit) == .success
    let (refused, waiting) = (queue.refused, isOver ? 0 : queue.count)
    // Where the disk hangs, the file is still in the thread's hands.
    guard isOver else {
      return file.withLockIfAvailable { file in
        file?.noteLost(refused + waiting, "the disk was too slow")
        return file?.outcome
      } ?? nil
    }
    return file.withLock { file in
      file?.noteLost(refused, "the disk was too slow")
      var outcome = file?.outcome
      outcome?.beyondLimits += skipped.load(ordering: .relaxed)
      return outcome
    }
  }
}
