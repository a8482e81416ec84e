import Foundation
import TestNeeds
import TestSupport
import Testing

/// The captures of captures/formats are what the generator makes, and hold what was stated by hand. To make
/// them anew:
///
///     UPDATE_CAPTURES=1 swift test --filter FormatCapturesTests
@Suite struct FormatCapturesTests {
  static let updates = ProcessInfo.processInfo.environment["UPDATE_CAPTURES"] == "1"

  @Test(.needs(.gzip), arguments: FormatCapture.all)
  func `is what the generator makes`(_ capture: FormatCapture) throws {
    let file = Command.repository.appending(path: capture.path)
    if Self.updates { try write(capture, to: file) }
    // Another version of a compressor may write other bytes; the content must be the same.
    let content =
      try capture.compression.map { try pipe($0.rawValue, ["-dc", file.path]) } ?? Data(contentsOf: file)
    #expect(content == Data(capture.bytes))
  }

  private func write(_ capture: FormatCapture, to file: URL) throws {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    guard let compression = capture.compression else { return try Data(capture.bytes).write(to: file) }
    let directory = try TemporaryDirectory()
    let plain = try directory.file("plain", capture.bytes)
    // -n: neither the name nor the time of the file.
    try pipe(compression.rawValue, compression == .gzip ? ["-9nc", plain] : ["-19qc", plain]).write(to: file)
  }

  private func pipe(_ program: String, _ arguments: [String]) throws -> Data {
    let directory = try TemporaryDirectory()
    let output = directory.path("output")
    let line = #"exec "$0" "$@" >"$output""#
    let result = try RunningCommand(
      URL(filePath: "/bin/sh"), ["-c", line, program] + arguments, environment: ["output": output]
    ).wait()
    #expect(result.status == 0, "\(program): \(result.errors)")
    return try Data(contentsOf: URL(filePath: output))
  }

  @Test(.disabled(if: updates, "the files are being written"), arguments: FormatCapture.all)
  func `the capture holds what was stated by hand`(_ capture: FormatCapture) throws {
    let result = try Command.run(
      ["replay", capture.path, "--wg-config", "captures/formats/wg0.conf", "--format", "json"])
    let summary = try result.summary()
    var found = Expectation(
      frames: summary.frames, tunnel: summary.tunnel, local: summary.local, leak: summary.leak,
      ingress: summary.ingress, status: result.status)
    found.leaks = Dictionary(summary.leaks.map { ($0.reason, $0.frames) }, uniquingKeysWith: +)
    #expect(found == capture.expectation)
  }
}
