import Foundation
import TestSupport
import Testing

/// The captures of captures/shapes are what the generator makes, and each frame is told as stated by hand. To make them anew:
///
///     UPDATE_CAPTURES=1 swift test --filter ShapeCapturesTests
@Suite struct ShapeCapturesTests {
  @Test(arguments: ShapeCapture.all)
  func `is what the generator makes`(_ capture: ShapeCapture) throws {
    let file = Command.repository.appending(path: capture.path)
    if FormatCapturesTests.updates { try Data(capture.bytes).write(to: file) }
    #expect(try Data(contentsOf: file) == Data(capture.bytes))
  }

  @Test(.disabled(if: FormatCapturesTests.updates, "the files are being written"), arguments: ShapeCapture.all)
  func `per-frame output has final verdicts, and the summary matches them`(_ capture: ShapeCapture) throws {
    let told = try Command.run(["replay"] + capture.arguments + ["--per-frame"]).frames()
    let expected = capture.frames.map(\.kind)
    #expect(told.map { $0.verdict == "ingress" ? "ingress" : $0.kind ?? "" } == expected)

    let result = try Command.run(["replay"] + capture.arguments + ["--format", "json"])
    let summary = try result.summary()
    summary.expectToAddUp()
    #expect(result.status == 1)
    #expect(summary.leak == expected.filter { $0 == "not-wireguard" }.count)
    let tunnel = try #require(summary.tunnelStates.first)
    #expect(tunnel.grade == capture.grade && tunnel.state == capture.state)
    #expect(tunnel.responses == (capture.state == "up" ? 1 : 0))
    #expect(tunnel.sent["junk"] ?? 0 == expected.filter { $0 == "junk" }.count)
  }

  @Test(.disabled(if: FormatCapturesTests.updates, "the files are being written"))
  func `explain shows whether an initiation followed junk`() throws {
    let (path, policy) = (ShapeCapture.amneziaWG.path, Array(ShapeCapture.amneziaWG.arguments.dropFirst()))
    let before = try Command.run(["explain", path, "2"] + policy).words
    #expect(before.contains("TUNNEL: junk"))
    #expect(before.contains("at most 4 such datagrams, and an initiation within 5 s, or they are leaks"))
    #expect(before.contains("or they are leaks; here one followed"))
    #expect(before.contains("no: 40 bytes of UDP payload, and by AmneziaWG's parameters an initiation has"))
    let alone = try Command.run(["explain", path, "10"] + policy).words
    #expect(alone.contains("LEAK not-wireguard"))
    #expect(alone.contains("an initiation within 5 s, or they are leaks; here none followed"))
  }

  @Test(.disabled(if: FormatCapturesTests.updates, "the files are being written"))
  func `a policy file states the same as a configuration`() throws {
    let directory = try TemporaryDirectory()
    let policy = try directory.file(
      "policy.yaml",
      """
      endpoints:
        - endpoint: 203.0.113.178:51820
          amneziawg:
            {Jc: 3, Jmin: 40, Jmax: 70, S1: 15, S2: 18, S4: 9, H1: 270544896-270548991, H2: 538980416, H3: 77,
             H4: 4026531840-4294967295, I1: <b 0xc0ff><r 24><t>}
      """)
    let path = ShapeCapture.amneziaWG.path
    let summary = try Command.run(["replay", path, "--policy", policy, "--format", "json"]).summary()
    let known = try Command.run(["replay"] + ShapeCapture.amneziaWG.arguments + ["--format", "json"]).summary()
    #expect(summary.tunnel == known.tunnel && summary.leak == known.leak)
    #expect(summary.tunnelStates.first?.sent["junk"] == 4)
  }
}
