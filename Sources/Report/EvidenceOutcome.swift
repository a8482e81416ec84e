/// What became of the frames that were to be kept: each is written, refused or lost.
package struct EvidenceOutcome: Hashable, Sendable {
  package enum Bound: Hashable, Sendable {
    case bytes(Int)
    case frames(Int)
  }

  package let path: String
  package internal(set) var framesWritten = 0
  /// The file's length.
  package internal(set) var bytes = 0
  /// The bound that was reached; from then on every frame is refused.
  package internal(set) var bound: Bound?
  package internal(set) var refused = 0
  /// Frames that could not be written.
  package internal(set) var lost = 0
  /// The system's words for the first error.
  package internal(set) var firstError: String?

  /// Whether the file holds every frame that it was given.
  package var isComplete: Bool { refused == 0 && lost == 0 && firstError == nil }

  /// One sentence for each thing that a reader of the evidence has to know.
  package var lines: [String] {
    let file = Formatting.safe(path)
    var lines = ["\(file): \(Formatting.count(framesWritten, "frame")), \(Formatting.bytes(bytes))"]
    if let bound {
      lines.append("\(file): \(bound.words) was reached; \(Formatting.count(refused, "later frame")) not kept")
    }
    if let firstError {
      lines.append(
        lost == 0
          ? "\(file): may not be whole on the disk: \(firstError)"
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
