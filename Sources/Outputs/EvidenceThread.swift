import Dispatch
import Foundation
import Glibc
package import Report
import Synchronization
package import Wire

/// Writes evidence on a thread of its own: a slow disk never makes the capture wait. What the queue cannot hold is
/// counted as lost.
package final class EvidenceThread: Sendable {
  /// Frames that may wait for the disk.
  private static let capacity = 2048

  private let queue = BoundedQueue<EvidenceRecord>(capacity: EvidenceThread.capacity)
  private let file: Mutex<EvidenceFile>
  private let ended = DispatchSemaphore(value: 0)
  private let isFull = Atomic<Bool>(false)
  private let skipped = Atomic<Int>(0)

  /// With a redactor the frames are written so that they can be shown.
  package init(_ file: consuming EvidenceFile, _ redactor: Redactor? = nil) {
    self.file = Mutex(file)
    Thread.detachNewThread { [self] in
      OutletThread.blockSignals()
      while let record = queue.pop() {
        let shown = redactor.map(record.redacted) ?? record
        self.file.withLock { file in
          file.write(shown)
          if file.outcome.bound != nil { isFull.store(true, ordering: .relaxed) }
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

  /// Writes what waits, not longer than `limit`, and tells what became of all frames, a sentence each.
  package func finish(at time: Timestamp, within limit: Duration) -> [String] {
    queue.close()
    // Where the disk hangs, the file is still in the thread's hands.
    guard ended.wait(timeout: .now() + limit) == .success else {
      return ["the disk does not answer; \(Formatting.count(queue.count, "frame")) of evidence still waiting"]
    }
    let outcome = file.withLock { file in
      file.finish(at: time)
      return file.outcome
    }
    var lines = outcome.lines
    let beyond = skipped.load(ordering: .relaxed)
    if beyond > 0 { lines.append("\(Formatting.count(beyond, "more leaking frame")) came after the bound") }
    if queue.refused > 0 { lines.append("\(Formatting.count(queue.refused, "frame")) lost: the disk was too slow") }
    return lines
  }
}
