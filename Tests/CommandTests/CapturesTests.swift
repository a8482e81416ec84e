import Foundation
import Testing

/// Every committed capture against its expected output, byte for byte. After a change that was meant:
///
///     UPDATE_EXPECTED=1 swift test --filter CapturesTests
///
/// and read the difference: the files are what was reviewed against the contract, not what the program said.
@Suite struct CapturesTests {
  static let updates = ProcessInfo.processInfo.environment["UPDATE_EXPECTED"] == "1"

  @Test func `captures are there`() {
    #expect(CapturedCase.scenarios.count == 21)
    #expect(CapturedCase.formats.count == FormatCapture.all.count)
  }

  @Test(arguments: CapturedCase.all)
  func `is told as reviewed`(_ capture: CapturedCase) throws {
    let text = try Command.run(capture.arguments)
    let both = try Command.run(capture.arguments + ["--format", "json", "--per-frame"])
    let json = both.withoutFrames
    #expect(text.status == json.status)
    #expect(text.errors == json.errors)
    // What standard error says belongs to the expectation, and so does the status.
    try compare(text.output + footer(text), with: "\(capture.name).expected.txt")
    try compare(json.output, with: "\(capture.name).expected.json")
    try expectEachFrameOnce(both.frames(), json.summary())
  }

  private func footer(_ result: Command.Result) -> String {
    let errors = result.errorLines.map { "\nstandard error: \($0)" }.joined()
    return "\(errors)\nexit status: \(result.status)\n"
  }

  private func compare(_ actual: String, with path: String) throws {
    let file = Command.repository.appending(path: path)
    if Self.updates { try Data(actual.utf8).write(to: file) }
    guard let data = FileManager.default.contents(atPath: file.path) else {
      Issue.record("\(path) is missing: UPDATE_EXPECTED=1 swift test --filter CapturesTests, and review it")
      return
    }
    let expected = String(decoding: data, as: UTF8.self)
    guard actual != expected else { return }
    let difference = actual.split(separator: "\n").difference(from: expected.split(separator: "\n"))
    Issue.record("\(path) differs:\n\(difference.map(Self.line).joined(separator: "\n"))")
  }

  private static func line(_ change: CollectionDifference<Substring>.Change) -> String {
    switch change {
    case .insert(_, let line, _): "+ \(line)"
    case .remove(_, let line, _): "- \(line)"
    }
  }

  private func expectEachFrameOnce(_ frames: [FrameVerdict], _ summary: Summary) {
    summary.expectToAddUp()
    #expect(frames.map(\.frame) == frames.indices.map { $0 + 1 })
    #expect(frames.count == summary.frames)
    for (verdict, count) in [
      ("tunnel", summary.tunnel), ("local", summary.local), ("leak", summary.leak), ("allowed", summary.allowed),
      ("ingress", summary.ingress),
    ] {
      #expect(frames.count { $0.verdict == verdict } == count)
    }
    for interface in summary.interfaces {
      #expect(frames.count { $0.interface == interface.name } == interface.frames)
    }
    #expect(frames.allSatisfy { ($0.kind == nil) == ($0.verdict == "ingress") })
  }
}
