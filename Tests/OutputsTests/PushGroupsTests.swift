import Outputs
import Policy
import Synchronization
import TestSupport
import Testing

/// Few pushes for many alerts, by a given clock.
@Suite struct PushGroupsTests {
  private let start = ContinuousClock.now

  private func leak(_ number: Int = 1, _ origin: String = "qbittorrent", _ severity: Severity = .high) -> RenderedAlert
  {
    RenderedAlert(
      severity: severity, reason: "dns", title: "high dns leak by \(origin)", text: "2026 LEAK \(number)", json: "{}",
      origin: origin, message: "name-\(number).example")
  }

  private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test func `a burst of one client makes one push at once and one later`() {
    var groups = PushGroups(endAfter: .seconds(300))
    let pushes = (0..<103).compactMap { groups.add(leak($0), at: at($0 / 52)) }
    #expect(pushes.map(\.alert.text) == ["name-0.example"])
    #expect(groups.due(at: at(59)).isEmpty)
    #expect(groups.next == at(60))
    let later = groups.due(at: at(60))
    #expect(later.map(\.alerts) == [102])
    #expect(later.first?.alert.title == "still leaking: high dns leak by qbittorrent")
    #expect(later.first?.alert.text == "102 alerts in 1 min 00 s, the latest: name-102.example")
    #expect(groups.due(at: at(61)).isEmpty)
  }

  @Test func `another origin or a worse severity pushes at once`() {
    var groups = PushGroups(endAfter: .seconds(300))
    #expect(groups.add(leak(1, "one", .medium), at: at(0)) != nil)
    #expect(groups.add(leak(2, "two", .medium), at: at(0)) != nil)
    #expect(groups.add(leak(3, "one", .critical), at: at(0)) != nil)
    #expect(groups.add(leak(4, "one", .medium), at: at(0)) == nil)
  }

  @Test func `a continuing leak pushes less and less often, and its end once`() {
    var groups = PushGroups(endAfter: .seconds(300))
    var pushed: [Int] = []
    for minute in 0..<300 {
      if groups.add(leak(minute), at: at(minute * 60)) != nil { pushed.append(minute) }
      if !groups.due(at: at(minute * 60)).isEmpty { pushed.append(minute) }
    }
    #expect(pushed == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
    let end = (300..<600).flatMap { minute in groups.due(at: at(minute * 60)) }
    #expect(end.map(\.alerts) == [56, 0])
    #expect(end.last?.alert.title == "no longer seen: high dns leak by qbittorrent")
    #expect(end.last?.alert.severity == .low)
    #expect(groups.next == nil)
  }

  @Test func `all groups share an hourly budget, and milder leaks may use half`() {
    var groups = PushGroups(endAfter: .seconds(300))
    let mild = (0..<50).compactMap { groups.add(leak(1, "mild-\($0)", .medium), at: at(0)) }
    #expect(mild.count == PushGroups.budget / 2)
    let high = (0..<50).compactMap { groups.add(leak(1, "high-\($0)"), at: at(1)) }
    #expect(high.count == PushGroups.budget / 2)
    #expect(groups.due(at: at(3599)).isEmpty)
    #expect(groups.due(at: at(3601)).count <= PushGroups.budget)
  }

  @Test func `one origin cannot use up what the others need`() {
    var groups = PushGroups(endAfter: .seconds(300))
    func noise(_ number: Int) -> RenderedAlert {
      RenderedAlert(
        severity: .critical, reason: "reason-\(number)", title: "", text: "", json: "{}", origin: "grudge", message: "")
    }
    let pushed = (0..<60).compactMap { groups.add(noise($0), at: at($0)) }
    #expect(pushed.count == PushGroups.budget / 2)
    #expect(groups.add(leak(1, "other"), at: at(61)) != nil)
    #expect(groups.due(at: at(3000)).isEmpty)
  }

  /// In any order of events: each alert is in one push, pushes never exceed the hourly budget, and all of it ends.
  @Test func `no alert is lost and no budget is exceeded`() {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    for _ in 0..<5 {
      var groups = PushGroups(endAfter: .seconds(300))
      var (now, sent, told) = (0, 0, 0)
      var times: [Int] = []
      for _ in 0..<2000 {
        now += Int.random(in: 0..<20, using: &random)
        var pushes = groups.due(at: at(now))
        if Bool.random(using: &random) {
          let severity = Severity.allCases.randomElement(using: &random) ?? .low
          sent += 1
          let origin = "client-\(Int.random(in: 0..<400, using: &random))"
          if let push = groups.add(leak(sent, origin, severity), at: at(now)) { pushes.append(push) }
        }
        told += pushes.reduce(0) { $0 + $1.alerts }
        times += pushes.map { _ in now }
      }
      for (index, time) in times.enumerated() {
        #expect(times[index...].prefix { $0 < time + 3600 }.count <= PushGroups.budget)
      }
      var last = groups
      #expect(last.flush(at: at(now)).count <= PushGroups.budget + 1)
      told += groups.flush(at: at(now)).reduce(0) { $0 + $1.alerts }
      #expect(told == sent)
    }
  }

  @Test func `a thread pushes in groups, and sends what it holds at the end`() {
    let pushed = Pushed()
    let thread = OutletThread(GroupedOutlet(pushed: pushed)) { _ in }
    for number in 0..<100 { #expect(thread.post(leak(number))) }
    #expect(waits { !pushed.all.isEmpty })
    let report = Outbox([thread]).finish(within: .seconds(10))[0]
    #expect(pushed.all.count == 2)
    // At the program's end it is not known whether the leak continues.
    #expect(pushed.titles.allSatisfy { !$0.contains("still") })
    #expect(report.delivered == 100)
    #expect(report.notDelivered == 0)
  }
}

private final class Pushed: Sendable {
  private let alerts = Mutex<[RenderedAlert]>([])
  var all: [String] { alerts.withLock { $0.map(\.text) } }
  var titles: [String] { alerts.withLock { $0.map(\.title) } }
  func add(_ alert: RenderedAlert) { alerts.withLock { $0.append(alert) } }
}

private struct GroupedOutlet: ~Copyable, AlertOutlet {
  let pushed: Pushed
  var name: String { "test" }
  var grouping: PushGroups? { PushGroups(endAfter: .seconds(300)) }
  mutating func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) { pushed.add(alert) }
}
