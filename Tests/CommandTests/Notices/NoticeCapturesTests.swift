import Foundation
import Testing

/// The captures of captures/notices are what the generator makes, and lead to the notices stated by hand. To make them
/// anew:
///
///     UPDATE_CAPTURES=1 swift test --filter NoticeCapturesTests
@Suite struct NoticeCapturesTests {
  /// Notices about frames; the others are about the policy or the capture.
  private static let kinds = ["arp-for-public", "arp-for-tunnel", "dhcp-option-121", "docker-dns-via-host"]

  @Test(arguments: NoticeCapture.all)
  func `is what the generator makes`(_ capture: NoticeCapture) throws {
    let file = Command.repository.appending(path: capture.path)
    if FormatCapturesTests.updates { try Data(capture.bytes).write(to: file) }
    #expect(try Data(contentsOf: file) == Data(capture.bytes))
  }

  @Test(.disabled(if: FormatCapturesTests.updates, "the files are being written"), arguments: NoticeCapture.all)
  func `the capture causes exactly the notices stated by hand`(_ capture: NoticeCapture) throws {
    let arguments = ["replay", capture.path, "--format", "json"] + NoticeCapture.arguments
    let summary = try Command.run(arguments).summary()
    summary.expectToAddUp()
    let found = summary.notices.filter { Self.kinds.contains($0.kind) }
    #expect(Dictionary(grouping: found, by: \.kind).mapValues { $0.map { $0.count ?? 0 } } == capture.notices)
    // Each is also in the timeline, with its time.
    let told = summary.timeline.filter { $0.kind == "notice" }
    #expect(told.map(\.time) == found.map { $0.first ?? "" }.sorted())
  }

  @Test func `a host lookup is reported with its confidence, and nearby ones are only counted`() throws {
    let arguments = ["replay", "captures/notices/docker-dns-via-host.pcapng", "--format", "json"]
    let notice = try #require(
      try Command.run(arguments + NoticeCapture.arguments).summary().notices.first { $0.kind == "docker-dns-via-host" })
    #expect(notice.text.contains("tracker.example"))
    #expect(notice.text.contains("Confidence: high"))
    #expect(notice.text.contains("Confidence low: 1 more"))
  }

  @Test func `a handshake for another peer causes a notice`() throws {
    // The key is not one of the recording's.
    let arguments = ["replay", "captures/healthy.bridge.pcap", "--format", "json", "--wg-config"]
    let notices = try Command.run(arguments + ["captures/notices/wg0.conf"]).summary().notices
    #expect(notices.filter { $0.count != nil }.map(\.kind) == ["peer-mismatch"])
    let own = try Command.run(arguments + ["captures/healthy.wg0.conf"]).summary().notices
    #expect(own.isEmpty)
  }

  @Test(arguments: CapturedCase.quiet)
  func `a healthy stack raises no alarm and no notice`(_ capture: CapturedCase) throws {
    let result = try Command.run(capture.arguments + ["--format", "json", "--require-tunnel"])
    let summary = try result.summary()
    #expect(result.status == 0)
    #expect(summary.leaks.allSatisfy { $0.severity == "info" })
    #expect(summary.notices.filter { $0.kind != "several-interfaces" }.isEmpty)
    #expect(summary.tunnelStates.map(\.grade) == ["peer-verified"])
  }
}
