import Audit
import Policy
import TestSupport
import Testing
import Wire

/// What AmneziaWG sends before an initiation: tunnel if one follows, a leak if not.
@Suite struct JunkTests {
  private struct Kinds: FrameObserver {
    static var isActive: Bool { true }
    var list: [String] = []

    mutating func observe(
      _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
      interface: String, policy: TunnelPolicy
    ) {
      switch verdict {
      case .tunnel(let kind): list.append(kind.name)
      case .leak: list.append(leak?.key.reason.rawValue ?? "no reason")
      default: list.append(verdict.verdictClass.name)
      }
    }
  }

  private struct Told {
    /// As a second reading reports them.
    var kinds: [String]
    var junk: Int
    var leaks: Int
    var conclusion: AuditSummary.Conclusion
  }

  private func read(
    _ frames: [SampleFrame], _ policy: TunnelPolicy, junk: [Int]?, _ inspect: (borrowing Auditor) -> Void
  ) -> [String] {
    var auditor = Auditor(policy, foreknownJunk: junk, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "if0", linkType: .raw, role: .bridge))]
    var source = FrameList(frames)
    var kinds = Kinds()
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &kinds)
    auditor.conclude()
    inspect(auditor)
    return kinds.list
  }

  /// Frames as what happens at a second each.
  private func told(
    _ frames: [(seconds: Double, frame: SampleFrame)], _ policy: TunnelPolicy = AmneziaTests.policy()
  ) -> Told {
    let frames = frames.map { frame in
      var sample = frame.frame.after(seconds: frame.seconds)
      sample.direction = .incoming
      return sample
    }
    var summary: AuditSummary?
    var junk: [Int] = []
    _ = read(frames, policy, junk: nil) {
      summary = $0.summary(ConclusionRules())
      junk = $0.junkFrames
    }
    var again: AuditSummary?
    let kinds = read(frames, policy, junk: junk) { again = $0.summary(ConclusionRules()) }
    // Both readings agree.
    for verdictClass in VerdictClass.allCases {
      #expect(summary?.counts[verdictClass] == again?.counts[verdictClass])
    }
    #expect(summary?.counts.total.frames == frames.count)
    #expect(summary?.findings.reduce(0) { $0 + $1.count.frames } == summary?.counts[.leak].frames)
    #expect(summary?.incomplete == again?.incomplete)
    return Told(
      kinds: kinds, junk: summary?.tunnels[0].tally[.junk].frames ?? -1, leaks: summary?.counts[.leak].frames ?? -1,
      conclusion: summary?.conclusion ?? .incomplete)
  }

  private let imitation = AmneziaTests.sent(filler(30, 0xC0))
  private func junk(_ length: Int = 50, from own: String = AmneziaTests.own) -> SampleFrame {
    AmneziaTests.sent(filler(length, 0x9E), from: own)
  }
  private let initiation = AmneziaTests.sent(AmneziaTests.initiation)

  @Test func `junk before an initiation is tunnel`() {
    let found = told([(0, imitation), (0.001, junk()), (0.002, junk(40)), (0.003, junk(70)), (0.004, initiation)])
    #expect(found.kinds == ["junk", "junk", "junk", "junk", "initiation"])
    #expect(found.junk == 4 && found.leaks == 0 && found.conclusion == .clean)
    // Each try has its own.
    let twice = told([(0, junk()), (0.1, initiation), (5, junk()), (5.1, initiation)])
    #expect(twice.kinds == ["junk", "initiation", "junk", "initiation"] && twice.leaks == 0)
  }

  @Test func `junk is a leak if no initiation follows within five seconds`() {
    #expect(told([(0, junk())]).kinds == ["not-wireguard"])
    #expect(told([(0, junk()), (0.1, AmneziaTests.sent(AmneziaTests.data(0)))]).leaks == 1)
    #expect(told([(0, junk()), (5, initiation)]).leaks == 0)
    let late = told([(0, junk()), (5.001, initiation)])
    #expect(late.kinds == ["not-wireguard", "initiation"] && late.leaks == 1 && late.conclusion == .leaks)
    #expect(told([(0, initiation), (0.1, junk())]).kinds == ["initiation", "not-wireguard"])
    // One that came in time does not carry what was sent long before it.
    let mixed = told([(0, junk()), (4, junk()), (6, initiation)])
    #expect(mixed.kinds == ["not-wireguard", "junk", "initiation"] && mixed.leaks == 1 && mixed.junk == 1)
  }

  @Test func `junk beyond the stated count is a leak, the earliest first`() {
    let many = (0..<6).map { (seconds: Double($0) / 100, frame: junk()) }
    let found = told(many + [(0.2, initiation)])
    // Three of junk, and one that imitates.
    #expect(found.kinds == ["not-wireguard", "not-wireguard", "junk", "junk", "junk", "junk", "initiation"])
    #expect(found.leaks == 2 && found.junk == 4)
  }

  @Test func `junk has a stated length and goes to the Endpoint's port`() {
    for length in [0, 1, 29, 31, 39, 71, 1400] {
      #expect(told([(0, junk(length)), (0.1, initiation)]).leaks == 1, "\(length) bytes")
    }
    let elsewhere = SampleFrame(udpPacket(AmneziaTests.own, "89.44.10.178:51821", filler(50)))
    #expect(told([(0, elsewhere), (0.1, initiation)]).kinds == ["endpoint-bypass", "initiation"])
    var none = AmneziaTests.parameters
    none.junkCount = 0
    none.imitations = []
    #expect(told([(0, junk()), (0.1, initiation)], AmneziaTests.policy(none)).leaks == 1)
    // An imitating packet of unknown length may have any length.
    none.imitations = [nil]
    #expect(told([(0, junk(1400)), (0.1, initiation)], AmneziaTests.policy(none)).leaks == 0)
  }

  @Test func `junk belongs to the initiation's flow`() {
    let other = junk(from: "\(Sample.container):40001")
    #expect(told([(0, other), (0.1, initiation)]).kinds == ["not-wireguard", "initiation"])
    let stranger = junk(from: "172.18.0.3:40000")
    #expect(told([(0, stranger), (0.1, initiation)]).leaks == 1)
  }

  @Test func `holds back only as much junk as fits`() {
    var wide = AmneziaTests.parameters
    wide.junkCount = 60_000
    let flood = (0..<3000).map { (seconds: Double($0) / 10_000, frame: junk()) }
    let found = told(flood + [(1, initiation)], AmneziaTests.policy(wide))
    #expect(found.leaks == 3000 - 1024 && found.junk == 1024)
  }
}
