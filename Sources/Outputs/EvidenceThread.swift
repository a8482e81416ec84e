import Dispatch
import Foundation
import Glibc
package import Policy
package import Report
import Synchronization
import Text
package import Wire

/// Writes evidence on a thread of its own: a slow disk never makes the capture wait. Frames that do not fit into the
/// queue are counted as lost.
package final class EvidenceThread: Sendable {
  /// How many frames of one severity may wait for the disk. In all it is 5 times as many, of 2 KiB each unless the
  /// snapshot length is longer.
  private static let capacity = 2048

  private let queue = BoundedQueue<EvidenceRecord>(capacity: EvidenceThread.capacity)
  private let file: Mutex<EvidenceFile>
  private let ended = DispatchSemaphore(value: 0)
  /// The rank of the worst severity that the file refuses; -1 if it accepts all.
  private let full = Atomic<Int>(-1)
  private let skipped = Mutex(BySeverity(repeating: 0))

  /// With a redactor, the frames are written in a form that can be shown.
  package init(_ file: consuming EvidenceFile, _ redactor: Redactor? = nil) {
    self.file = Mutex(file)
    Thread.detachNewThread { [self] in
      OutletThread.blockSignals()
      while let record = queue.pop() {
        let shown = redactor.map(record.redacted) ?? record
        self.file.withLock { file in
          file.write(shown)
          full.store(file.outcome.full?.rank ?? -1, ordering: .relaxed)
        }
      }
      ended.signal()
    }
  }

  /// Whether a frame of this severity would still be written: this avoids copying one for nothing.
  package func takesMore(_ severity: Severity) -> Bool { severity.rank > full.load(ordering: .relaxed) }

  package func post(_ record: EvidenceRecord) { queue.push(record, record.severity) }

  /// Counts frames that were not even copied, because the file has reached the bound of their severity.
  package func skip(_ severity: Severity, _ frames: Int = 1) { skipped.withLock { $0[severity] += frames } }

  /// Writes what waits, for at most `limit`, and reports what happened to all frames, one sentence each.
  package func finish(at time: Timestamp, within limit: Duration) -> [String] {
    queue.close()
    // If the disk hangs, the thread still holds the file.
    guard ended.wait(timeout: .now() + limit) == .success else {
      return ["the disk does not answer; \(Formatting.count(queue.count, "frame")) of evidence still waiting"]
    }
    let outcome = file.withLock { file in
      file.finish(at: time)
      return file.outcome
    }
    var lines = outcome.lines
    let beyond = skipped.withLock { $0 }
    if beyond.total > 0 {
      lines.append(
        "\(Formatting.count(beyond.total, "more leaking frame")) came after the bound (\(Self.text(beyond)))")
    }
    let refusals = queue.refusals
    if refusals.total > 0 {
      lines.append(
        "\(Formatting.count(refusals.total, "frame")) lost: the disk was too slow (\(Self.text(refusals)))")
    }
    return lines
  }

  private static func text(_ counts: BySeverity<Int>) -> String { counts.text(Formatting.number) }
}
