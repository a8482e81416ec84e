import Foundation
import Testing

/// Reviewed outputs, beside their inputs. After an intended change:
///
///     UPDATE_EXPECTED=1 swift test --filter SUITE
///
/// and read the difference: the files are what was reviewed against the contract, not what the program said.
enum ExpectedFile {
  private static let updates = ProcessInfo.processInfo.environment["UPDATE_EXPECTED"] == "1"

  /// Compares byte for byte. The path counts from the repository's root.
  static func compare(_ actual: String, with path: String) throws {
    let file = Command.repository.appending(path: path)
    if updates { try Data(actual.utf8).write(to: file) }
    guard let data = FileManager.default.contents(atPath: file.path) else {
      Issue.record("\(path) is missing: UPDATE_EXPECTED=1 swift test, and review it")
      return
    }
    let expected = String(decoding: data, as: UTF8.self)
    guard actual != expected else { return }
    let difference = actual.split(separator: "\n").difference(from: expected.split(separator: "\n"))
    Issue.record("\(path) differs:\n\(difference.map(line).joined(separator: "\n"))")
  }

  private static func line(_ change: CollectionDifference<Substring>.Change) -> String {
    switch change {
    case .insert(_, let line, _): "+ \(line)"
    case .remove(_, let line, _): "- \(line)"
    }
  }
}

extension Command.Result {
  /// Standard error and the exit status belong to the expected output.
  var footer: String { errorLines.map { "\nstandard error: \($0)" }.joined() + "\nexit status: \(status)\n" }
}
