import Foundation
import Testing

/// Every committed capture against its expected output.
@Suite struct CapturesTests {
  @Test func `the captures exist`() {
    #expect(CapturedCase.scenarios.count == 21)
    #expect(CapturedCase.quiet.count == 15)
    #expect(CapturedCase.notices.count == NoticeCapture.all.count)
    #expect(CapturedCase.formats.count == FormatCapture.all.count)
  }

  @Test(arguments: CapturedCase.all)
  func `every capture gives its reviewed output`(_ capture: CapturedCase) throws {
    let text = try Command.run(capture.arguments)
    let both = try Command.run(capture.arguments + ["--format", "json", "--per-frame"])
    let json = both.withoutFrames
    #expect(text.status == json.status)
    #expect(text.errors == json.errors)
    // Standard error and the exit status belong to the expected output.
    try ExpectedFile.compare(text.output + text.footer, with: "\(capture.name).expected.txt")
    try ExpectedFile.compare(json.output, with: "\(capture.name).expected.json")
    try expectEachFrameOnce(both.frames(), json.summary())
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
