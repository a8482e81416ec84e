package import Policy
import Summaries
package import Wire

/// The leaking frames of evidence files that fall into a moment. Bounded: the first `most` are kept, the others
/// counted.
package struct MomentFrames {
  private static let most = 2000

  struct Frame {
    let file: String
    /// From 1, as Wireshark counts.
    let number: Int
    let reason: LeakReason
    let shown: EvidenceFrame
  }

  private let start: Timestamp
  private let end: Timestamp
  private var frames: [Frame] = []
  /// Those that were not kept.
  private(set) var unchecked = 0
  /// By position in `frames`: whether it may be of a leak of some summary.
  private var isKnown: [Bool] = []

  /// Kept frames that are of no leak of the summaries.
  var unknown: Int { isKnown.count { !$0 } }

  /// The moment begins at `start` and ends before `end`.
  package init(from start: Timestamp, to end: Timestamp) {
    self.start = start
    self.end = end
  }

  /// Adds a leaking frame of the moment, redacted if a redactor is given. `number` counts the file's frames from 1.
  package mutating func add(
    _ frame: borrowing CapturedFrame, interface: String, file: String, number: Int, reason: LeakReason,
    _ redactor: Redactor?
  ) {
    guard frame.timestamp >= start, frame.timestamp < end else { return }
    guard frames.count < Self.most else {
      unchecked += 1
      return
    }
    let name = redactor?.word(interface) ?? interface
    frames.append(
      Frame(
        file: redactor?.word(file) ?? file, number: number, reason: reason,
        shown: EvidenceFrame(frame, interface: name, redactor)))
    isKnown.append(false)
  }

  /// For each frame that may be of one of these leaks, those leaks. A leak to further destinations is only taken where
  /// no other leak names the frame's destination.
  mutating func frames(of leaks: [Summary.LeakEntry]) -> [(frame: Frame, leaks: [Int])] {
    var found: [(frame: Frame, leaks: [Int])] = []
    for (position, frame) in frames.enumerated() {
      let matching = leaks.indices.filter { index in
        let leak = leaks[index]
        // Summaries tell times in microseconds, cut.
        return leak.reason == frame.reason && leak.interface == frame.shown.interface && leak.first <= frame.shown.time
          && frame.shown.time <= leak.last + Elapsed(nanoseconds: 999) && frame.shown.shows(leak)
      }
      let named = matching.filter { leaks[$0].destination != nil }
      let possible = named.isEmpty ? matching : named
      if possible.isEmpty { continue }
      isKnown[position] = true
      found.append((frame, possible))
    }
    return found
  }
}
