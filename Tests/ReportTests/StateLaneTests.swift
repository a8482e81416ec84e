import Audit
import Foundation
import Policy
import TestSupport
import Testing
import Wire

@testable import Report
@testable import Summaries

/// What the picture over time says of each time: only what the summary states.
@Suite struct StateLaneTests {
  private static let start: Int64 = 1_700_000_000_000_000_000

  /// An interface with a frame in each of so many seconds; a whole one is a leak, the others are local.
  private static func summary(seconds: Int, leaks: Set<Int> = [], offset: Int64 = 0) -> Summary {
    var policy = TunnelPolicy()
    policy.endpoints = [Stated(TunnelEndpoint(endpoint("203.0.113.178:51820")), origin: "--endpoint")]
    var auditor = Auditor(policy, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "eth0", linkType: .raw, role: nil))]
    var frames = FrameList(
      (0..<seconds).map { second in
        SampleFrame(
          udpPacket("172.18.0.2:4000", leaks.contains(second) ? "198.51.100.1:5000" : "192.168.1.9:5000"),
          time: moment(Double(second) + Double(offset)))
      })
    var observer = NoObserver()
    _ = auditor.audit(&frames, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    return Summary(auditor.summary(ConclusionRules()))
  }

  private static func moment(_ seconds: Double) -> Timestamp {
    Timestamp(nanoseconds: start + Int64(seconds * 1e9))
  }

  private static func lanes(_ summary: Summary) throws -> StateLanes {
    StateLanes(summary, try #require(summary.traffic?.finest))
  }

  private static func states(_ lane: StateLane) -> [StateLane.State] { lane.parts.map(\.state) }

  @Test func `a file is seen from its first frame to its last, and beyond nobody knows`() throws {
    var summary = Self.summary(seconds: 10)
    var other = summary.interfaces[0]
    other.name = "late"
    other.first = Self.moment(4)
    other.last = Self.moment(6)
    summary.interfaces.append(other)
    let lanes = try Self.lanes(summary)
    #expect(lanes.sights.map(\.name) == ["late", "eth0"])
    #expect(Self.states(lanes.sights[0]) == [.unknown, .seen, .unknown])
    #expect(lanes.sights[0].parts[1].from == Self.moment(4) && lanes.sights[0].parts[1].to == Self.moment(6))
  }

  @Test func `what a watch did not see is blind, and losses are told of all that it saw`() throws {
    var summary = Self.summary(seconds: 10)
    summary.interfaces[0].seen = [
      .init(from: Self.moment(-1), to: Self.moment(2)), .init(from: Self.moment(5), to: Self.moment(8)),
    ]
    var lanes = try Self.lanes(summary)
    #expect(Self.states(lanes.sights[0]) == [.seen, .blind, .seen, .blind])
    // No packet into the tunnel is said only where somebody looked.
    #expect(Set(Self.states(lanes.tunnel)) == [.silent, .unknown])
    #expect(Self.states(lanes.leaks).allSatisfy { $0 == .unknown })
    summary.capture = .init(received: 10, droppedByKernel: 1)
    lanes = try Self.lanes(summary)
    #expect(Self.states(lanes.sights[0]) == [.lossy, .blind, .lossy, .blind])
  }

  @Test func `between two audits nobody saw anything, in whatever order they are added`() throws {
    let parts = [0, 40, 20].map { Self.summary(seconds: 10, offset: $0) }
    let merged = try parts[0].merged(with: parts[1]).merged(with: parts[2])
    #expect(try merged == parts[2].merged(with: parts[0].merged(with: parts[1])))
    let lane = try Self.lanes(merged).sights[0]
    #expect(Self.states(lane).filter { $0 == .blind }.count == 2)
    #expect(merged.interfaces[0].seen?.count == 3)
    // An older summary of several audits does not say it.
    var older = merged
    older.interfaces[0].seen = nil
    #expect(try Set(Self.states(Self.lanes(older).sights[0])) == [.unknown])
    #expect(try older.merged(with: parts[0]).interfaces[0].seen == nil)
  }

  @Test func `times that run backwards are none`() throws {
    var summary = Self.summary(seconds: 10)
    summary.interfaces[0].seen = [.init(from: Self.moment(8), to: Self.moment(2))]
    #expect(try Self.states(Self.lanes(summary).sights[0]) == [.blind])
    #expect(HTMLReport.text(summary, version: "1").contains("could not see"))
  }

  @Test func `a step with a leak is told as one, whatever else it holds`() throws {
    var summary = Self.summary(seconds: 10, leaks: [3, 4, 7])
    #expect(try Self.states(Self.lanes(summary).leaks) == [.leak, .leak, .leak])
    for index in summary.leaks.indices { summary.leaks[index].isApart = true }
    #expect(try Self.states(Self.lanes(summary).leaks) == [.mild, .mild, .mild])
  }

  @Test func `short steps are in the summary, add up, and are refused where they do not`() throws {
    var summary = Self.summary(seconds: 10, leaks: [3])
    let finer = try #require(summary.traffic?.finer)
    #expect(finer.perSecond == 16)
    #expect(finer.steps.reduce(0) { $0 + ($1.leak ?? 0) } == 1)
    let data = try JSONEncoder().encode(summary)
    #expect(try Summary.read(data) == summary)
    for change in [
      { $0.steps[1].local = 2 }, { $0.perSecond = 3 }, { $0.perSecond = 0 }, { $0.steps[0].at = -1 }, { $0.steps = [] },
      { $0.steps[0].at = .max }, { $0.steps.swapAt(0, 1) },
    ] as [(inout Summary.Traffic.Finer) -> Void] {
      var changed = finer
      change(&changed)
      summary.traffic?.finer = changed
      #expect(summary.traffic?.finest == nil)
      let edited = try JSONEncoder().encode(summary)
      #expect(throws: Summary.ReadingError.self) { try Summary.read(edited) }
      #expect(!HTMLReport.text(summary, version: "1").isEmpty)
    }
    // An older summary has none, and keeps its whole seconds when others are added.
    summary.traffic?.finer = nil
    #expect(summary.traffic?.finest?.units == Traffic.unitsPerSecond)
    #expect(try summary.merged(with: Self.summary(seconds: 10)).traffic?.finer == nil)
  }
}
