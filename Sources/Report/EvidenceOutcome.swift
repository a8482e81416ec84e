package import Policy
import Text

/// What happened to the frames that were to be kept: each one is written, refused or lost.
package struct EvidenceOutcome: Hashable, Sendable {
  package enum Bound: Hashable, Sendable {
    case bytes(Int)
    case frames(Int)
  }

  package let path: String
  package internal(set) var framesWritten = 0
  /// The file's length.
  package internal(set) var bytes = 0
  /// The bound that leaks of the severity `full` reached; from then on every frame of that severity or less is refused.
  package internal(set) var bound: Bound?
  package internal(set) var full: Severity?
  package internal(set) var refusals = BySeverity(repeating: 0)
  package var refused: Int { refusals.total }
  /// Frames that could not be written.
  package internal(set) var lost = 0
  /// The system's message for the first error.
  package internal(set) var firstError: String?

  /// Whether a frame of this severity is refused.
  package func refuses(_ severity: Severity) -> Bool { full.map { severity <= $0 } ?? false }

  /// Whether the file holds every frame it was given.
  package var isComplete: Bool { refused == 0 && lost == 0 && firstError == nil }

  /// One sentence for each thing that a reader of the evidence must know.
  package var lines: [String] {
    let file = Formatting.safe(path)
    var lines = ["\(file): \(Formatting.count(framesWritten, "frame")), \(Formatting.bytes(bytes))"]
    if let bound, let full {
      let which = full == .critical ? bound.words : "the share of \(full.rawValue) and below in \(bound.words)"
      let mild = refused > refusals[.critical] ? " (\(refusals.text(Formatting.number)))" : ""
      lines.append("\(file): \(which) was reached; \(Formatting.count(refused, "later frame")) not kept\(mild)")
    }
    if let firstError {
      lines.append(
        lost == 0
          ? "\(file): may be incomplete on the disk: \(firstError)"
          : "\(file): \(Formatting.count(lost, "frame")) could not be written: \(firstError)")
    }
    return lines
  }
}

extension EvidenceOutcome.Bound {
  var words: String {
    switch self {
    case .bytes(let limit): "the bound of \(Formatting.bytes(limit))"
    case .frames(let limit): "the bound of \(Formatting.count(limit, "frame"))"
    }
  }
}
