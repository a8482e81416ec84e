import Containers
import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

@Suite(.needs(.python)) struct ContainerFeedTests {
  private func event(_ action: String, _ name: String, at time: Int) -> String {
    #"{"Type":"container","Action":"\#(action)","Actor":{"ID":"a","Attributes":{"name":"\#(name)"}},"timeNano":\#(time)}"#
      + "\n"
  }

  @Test func `simultaneous events cause one snapshot`() throws {
    let engine = try RecordedEngine()
    let feed = try RunningFeed(engine.address)
    #expect(feed.waits(seconds: 2) { !$0.isEmpty })
    try engine.directory.file(
      "events",
      "\n" + (1...50).map { event("start", "c\($0)", at: $0) }.joined() + "nonsense\n{}\n" + event("exec", "c", at: 60))
    #expect(feed.waits { $0.count == 52 })
    #expect(feed.messages.compactMap(\.event).map(\.container) == (1...50).map { "c\($0)" })
    #expect(feed.messages.compactMap(\.snapshot).count == 2)
    #expect(feed.messages.compactMap(\.event).map(\.time.nanoseconds) == (1...50).map(Int64.init))
    #expect(feed.end())
  }

  @Test func `reports a missing engine once, and tries again at intervals`() throws {
    let directory = try TemporaryDirectory()
    let feed = try RunningFeed(.unixSocket(path: directory.path("none")))
    #expect(feed.waits(seconds: 2) { !$0.isEmpty })
    #expect(feed.messages.first?.lostReason?.contains(directory.path("none")) == true)
    #expect(!feed.waits(seconds: 1) { $0.count > 1 })
    #expect(feed.end())
  }

  @Test func `asks a refusing engine less and less often`() throws {
    let engine = try RecordedEngine()
    try engine.endEvents()
    let feed = try RunningFeed(engine.address)
    #expect(!feed.waits(seconds: 2) { $0.count > 1 })
    #expect(feed.messages.first?.lostReason?.hasSuffix("HTTP 503 for /events") == true)
    // After 0, 0.25, 0.75 and 1.75 seconds.
    #expect((2...5).contains(engine.asked.count))
    #expect(feed.end())
  }

  @Test(arguments: ["events", "containers", "networks"])
  func `an engine that never answers is reported in time`(silent: String) throws {
    let engine = try RecordedEngine()
    try engine.directory.file(silent, "silent")
    let feed = try RunningFeed(engine.address)
    #expect(feed.waits(seconds: 2) { $0.first?.lostReason != nil })
    #expect(feed.messages.count == 1)
    #expect(feed.end())
  }

  @Test func `an event stream that ends at once is handled like any other end`() throws {
    let engine = try RecordedEngine()
    try engine.directory.file("events", "over")
    let feed = try RunningFeed(engine.address)
    #expect(feed.waits(seconds: 2) { $0.contains { $0.lostReason != nil } })
    #expect(feed.end())
  }

  @Test func `continues after the event stream ended`() throws {
    let engine = try RecordedEngine()
    let feed = try RunningFeed(engine.address)
    #expect(feed.waits(seconds: 2) { !$0.isEmpty })
    try engine.endEvents()
    #expect(feed.waits { $0.contains { $0.lostReason != nil } })
    try engine.directory.file("events", "")
    #expect(feed.waits { $0.count == 4 })
    #expect(feed.messages.suffix(2) == [.back, .snapshot(ContainerSnapshot())])
    #expect(feed.end())
  }

  @Test func `an unusable DOCKER_HOST is the only message`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      unsafe setenv("DOCKER_HOST", "ssh://host", 1)
      let feed = try RunningFeed { _ = ContainerFeed.address(output: $0) }
      let isTold = feed.waits(seconds: 2) { !$0.isEmpty }
      let reason = feed.messages.first?.lostReason
      exit(isTold && reason?.hasPrefix("DOCKER_HOST: ") == true && feed.end() && feed.messages.count == 1 ? 7 : 1)
    }
  }

  @Test func `the feed process follows DOCKER_HOST until its reader has gone`() async throws {
    let engine = try RecordedEngine()
    let path = engine.directory.path("socket")
    await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
      unsafe setenv("DOCKER_HOST", "unix://\(path)", 1)
      let feed = try RunningFeed { output in
        if let address = ContainerFeed.address(output: output) { ContainerFeed.run(address, output: output) }
      }
      let isTold = feed.waits(seconds: 2) { $0.first == .snapshot(ContainerSnapshot()) }
      exit(isTold && feed.end() ? 7 : 1)
    }
    #expect(engine.asked.count == 3)
  }

  @Test func `a stream without lines does not grow`() throws {
    let engine = try RecordedEngine()
    let feed = try RunningFeed(engine.address)
    #expect(feed.waits(seconds: 2) { !$0.isEmpty })
    try engine.directory.file("events", String(repeating: "x", count: 2 << 20))
    #expect(feed.waits { $0.contains { $0.lostReason?.contains("more events") == true } })
    #expect(feed.end())
  }
}
