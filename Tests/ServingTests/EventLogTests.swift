import Policy
import Testing

@testable import Serving

/// The events for listeners, and those kept for reconnecting ones.
@Suite struct EventLogTests {
  private func numbers(_ text: String) -> [Int] {
    text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.compactMap { Int($0.dropFirst(4)) }
  }

  @Test func `returns what came after an event, and forgets the oldest of one severity`() {
    let log = EventLog()
    #expect(log.latest == 0)
    log.append("{\"a\":1}", .high)
    log.append("{\"a\":2}", .high)
    #expect(log.after(1) == ("id: 2\ndata: {\"a\":2}\n\n", 2))
    #expect(log.after(2) == ("", 2))
    #expect(log.after(99) == ("", 2))
    for _ in 0..<EventLog.limit { log.append("{}", .high) }
    #expect(log.latest == EventLog.limit + 2)
    let (text, _) = log.after(0)
    #expect(text.hasPrefix("event: given-up\ndata: {\"events\":2,\"worst\":\"high\"}\n\nid: 3\n"))
    #expect(numbers(text) == Array(3...EventLog.limit + 2))
  }

  @Test func `mild events never displace a worse one, and dropped ones are counted`() {
    let log = EventLog()
    log.append("the leak", .critical)
    log.append("a name", .high)
    for _ in 0..<10_000 { log.append("{}", .info) }
    let (text, latest) = log.after(0)
    #expect(latest == 10_002)
    #expect(numbers(text) == [1, 2] + Array(9749...10_002))
    #expect(
      text.hasPrefix("event: given-up\ndata: {\"events\":9746,\"worst\":\"info\"}\n\nid: 1\ndata: the leak\n"))
    // A listener that got events up to there misses nothing.
    #expect(!log.after(9748).text.contains("given-up"))
    #expect(log.after(9747).text.hasPrefix("event: given-up\ndata: {\"events\":1,"))
  }

  @Test func `the worst are dropped last, the oldest first`() {
    let log = EventLog()
    for severity in [Severity.critical, .low, .high, .info, .medium] {
      for _ in 0..<100 { log.append("\(severity)", severity) }
    }
    // 500 events for 256 places: info and low were dropped, and 44 of medium.
    #expect(numbers(log.after(0).text) == Array(1...100) + Array(201...300) + Array(445...500))
    for _ in 0..<200 { log.append("critical", .critical) }
    #expect(numbers(log.after(0).text) == Array(45...100) + Array(501...700))
    #expect(log.after(0).text.contains("{\"events\":444,\"worst\":\"critical\"}"))
    #expect(log.after(500).text.hasPrefix("id: 501\n"))
  }

  @Test func `a dropped event has a number only if nothing follows it`() {
    let log = EventLog()
    for _ in 0..<EventLog.limit { log.append("{}", .high) }
    log.append("{}", .info)
    let latest = EventLog.limit + 1
    #expect(log.after(latest - 1).text == "id: \(latest)\nevent: given-up\ndata: {\"events\":1,\"worst\":\"info\"}\n\n")
    #expect(log.after(0).text.hasPrefix("event: given-up\n"))
  }
}
