import Foundation

/// A line of `--per-frame` (CONTRACT 7).
struct FrameVerdict: Decodable, Equatable {
  var frame: Int
  var interface, verdict: String
  var kind, rule, name: String?
}

extension Command.Result {
  /// As if `--per-frame` had not been given.
  var withoutFrames: Self {
    let rest = output.split(separator: "\n", omittingEmptySubsequences: false).drop { $0.hasPrefix(#"{"frame":"#) }
    return Self(
      status: status, endedBySignal: endedBySignal, output: rest.joined(separator: "\n"), errors: errors)
  }

  /// The frames' lines, which come before those of leaks and summary.
  func frames() throws -> [FrameVerdict] {
    try outputLines.filter { $0.hasPrefix(#"{"frame":"#) }
      .map { try JSONDecoder().decode(FrameVerdict.self, from: Data($0.utf8)) }
  }
}
