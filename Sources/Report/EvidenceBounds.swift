import Audit
import Policy
import Savefile
import Wire

/// How much evidence is kept at most. The oldest is kept: a leak's beginning tells more than its thousandth frame.
///
/// What is written cannot be taken back. So info may fill the first fifth of the whole, low the first two fifths, and
/// so on:
///
///     +------+-----+--------+------+----------+
///     | info | low | medium | high | critical |   a fifth each, at least, unless worse leaks need it
///     +------+-----+--------+------+----------+
package struct EvidenceBounds: Hashable, Sendable {
  /// The length of the file, in bytes.
  package var bytes: Int
  package var frames: Int

  package init(bytes: Int = 100_000_000, frames: Int = 100_000) {
    self.bytes = bytes
    self.frames = frames
  }

  /// How far leaks of a severity may fill the file.
  func upTo(_ severity: Severity) -> EvidenceBounds {
    let fifths = severity.rank + 1
    func part(_ whole: Int) -> Int { whole / 5 * fifths + whole % 5 * fifths / 5 }
    return EvidenceBounds(bytes: part(bytes), frames: part(frames))
  }
}
