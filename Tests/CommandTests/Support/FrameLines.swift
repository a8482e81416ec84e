import Foundation

/// A line of `--per-frame` (semantics 7).
struct FrameVerdict: Decodable, Equatable {
  var frame: Int
  var interface, verdict: String
  var kind, name: String?
}

extension Command.Result {
  /// The frames' lines, which come before those of leaks and summary.
  func frames() throws -> [FrameVerdict] {
    try outputLines.filter { $0.hasPrefix(#"{"frame":"#) }
      .map { try JSONDecoder().decode(FrameVerdict.self, from: Data($0.utf8)) }
  }
}
