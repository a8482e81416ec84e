import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Where a tunnel goes if no policy states it: only answered handshakes show it (CONTRACT 5).
@Suite struct EndpointCandidatesTests {
  private static let container = "172.18.0.2:40000"
  private static let server = "192.0.2.1:51820"

  /// A whole audit without a policy, as its summary shows it.
  private struct Told {
    var classes: ClassCounts
    var conclusion: AuditSummary.Conclusion
    var endpoints: [Endpoint]
    var gaps: [String]
    var reasons: [LeakReason]
    var severalTold: [Int]
  }

  private static func told(_ packets: [(seconds: Double, bytes: [UInt8])]) -> Told {
    told(packets.map { SampleFrame($0.bytes).after(seconds: $0.seconds) })
  }

  private static func told(_ frames: [SampleFrame]) -> Told {
    let packets = frames
    var auditor = Auditor(TunnelPolicy(), infersEndpoints: true, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "if0", linkType: .raw, role: nil))]
    var source = FrameList(frames)
    var observer = NoObserver()
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    auditor.conclude()
    let summary = auditor.summary(ConclusionRules())
    #expect(summary.counts.total.frames == packets.count)
    let steps = summary.traffic.steps.reduce(0) { total, step in total + (0..<5).reduce(0) { $0 + step[$1] } }
    #expect(steps == packets.count)
    let windows = summary.windows
    let placed = [windows.beforeHandshake, windows.whileUp, windows.beforeNewHandshake, windows.afterLast]
      .reduce(0) { $0 + $1.count.frames }
    #expect(placed == summary.counts[.leak].frames)
    return Told(
      classes: summary.counts, conclusion: summary.conclusion,
      endpoints: auditor.policy.endpoints.map(\.value.endpoint), gaps: summary.gaps.map { "\($0.text); \($0.action)" },
      reasons: summary.findings.map(\.key.reason), severalTold: summary.findings.map(\.count.frames))
  }

  private static func told(_ packets: [[UInt8]]) -> Told {
    told(packets.enumerated().map { (Double($0.offset), $0.element) })
  }

  private static func initiation(
    _ index: UInt32, from: String = container, to: String = server
  ) -> [UInt8] { udpPacket(from, to, wireGuardInitiation(sender: index)) }

  private static func response(
    _ index: UInt32, to receiver: UInt32, from: String = server, at: String = container
  ) -> [UInt8] { udpPacket(from, at, wireGuardResponse(sender: index, receiver: receiver)) }

  private static func data(
    _ receiver: UInt32, _ counter: UInt64 = 0, from: String = container, to: String = server
  ) -> [UInt8] { udpPacket(from, to, wireGuardData(receiver: receiver, counter: counter)) }

  @Test func `an answered initiation proves an Endpoint, even for earlier packets`() {
    let told = Self.told([
      Self.data(7, 100), Self.data(7, 101), Self.initiation(1), Self.response(8, to: 1), Self.data(8, 0),
    ])
    #expect(told.endpoints == [endpoint(Self.server)])
    #expect((told.classes[.tunnel].frames, told.classes[.ingress].frames) == (4, 1))
    #expect(told.conclusion == .clean)
  }

  @Test func `an unanswered initiation makes the audit incomplete and excuses nothing else`() {
    let asked = Self.told([Self.initiation(1), Self.initiation(2)])
    #expect(asked.endpoints == [] && asked.conclusion == .incomplete)
    #expect(asked.classes[.tunnel].frames == 2)
    #expect(asked.gaps.contains { $0.contains("--endpoint \(Self.server)") })
    let sent = Self.told([Self.initiation(1), Self.data(8), udpPacket(Self.container, Self.server, filler(40))])
    #expect(sent.conclusion == .leaks && sent.classes[.leak].frames == 2)
  }

  @Test func `unrelated answers, cookies, garbage and another sender's index prove nothing`() {
    for answer in [
      Self.response(8, to: 2), udpPacket(Self.server, Self.container, wireGuard(3, length: 64)),
      udpPacket(Self.server, Self.container, filler(92)), Self.response(8, to: 1, from: "192.0.2.1:51821"),
      Self.data(1, from: Self.server, to: Self.container),
    ] {
      let told = Self.told([Self.initiation(1), answer, Self.data(8)])
      #expect(told.endpoints == [] && told.conclusion == .leaks, "\(told)")
    }
  }

  @Test func `an initiation from outside does not make its target an Endpoint`() {
    let own = "192.0.2.77:51820"
    let stray = Self.initiation(1, from: "203.0.113.7:5", to: own)
    let leak = udpPacket("192.0.2.77:3000", "198.51.100.9:443", filler(40))
    let told = Self.told([stray, leak, leak])
    #expect(told.endpoints == [] && told.conclusion == .leaks && told.classes[.leak].frames == 2)
  }

  @Test func `a peer's own initiation proves it once ours has answered and its data confirms it`() {
    let call = Self.initiation(5, from: Self.server, to: Self.container)
    let answer = Self.response(6, to: 5, from: Self.container, at: Self.server)
    let confirmation = Self.data(6, from: Self.server, to: Self.container)
    #expect(Self.told([call, answer, confirmation, Self.data(5)]).endpoints == [endpoint(Self.server)])
    for missing in [[answer, confirmation], [call, confirmation], [call, answer]] {
      #expect(Self.told(missing + [Self.data(5)]).endpoints == [])
    }
  }

  @Test func `while an Endpoint answers, a second one is a leak`() {
    let other = "198.51.100.66:51820"
    let told = Self.told([
      Self.initiation(1), Self.response(8, to: 1), Self.initiation(2, to: other),
      Self.response(9, to: 2, from: other), Self.data(9, to: other), Self.data(8),
      Self.data(1, from: Self.server, to: Self.container),
      Self.data(9, 1, to: other),
    ])
    #expect(told.endpoints == [endpoint(Self.server)])
    #expect(told.conclusion == .leaks && told.classes[.leak].frames == 3, "\(told)")
  }

  @Test func `a new server replaces the old one once that one is silent`() {
    let other = "198.51.100.66:51820"
    let told = Self.told([
      (0, Self.initiation(1)), (0.1, Self.response(8, to: 1)), (1, Self.data(8)),
      (2, Self.initiation(2, to: other)), (2.1, Self.response(9, to: 2, from: other)),
      (3, Self.data(9, to: other)), (9, Self.data(9, 1, to: other)), (10, Self.data(9, 2, to: other)),
    ])
    #expect(told.endpoints == [Self.server, other].map(endpoint))
    #expect(told.conclusion == .clean && told.classes[.tunnel].frames == 6, "\(told)")
  }

  @Test func `forged handshakes do not displace the true one silently`() {
    let forged = (0..<80).map { Self.initiation(1, to: "192.0.2.\($0 + 2):51820") }
    let before = Self.told([Self.initiation(1), Self.response(8, to: 1)] + forged + [Self.data(8)])
    #expect(before.endpoints == [endpoint(Self.server)])
    let after = Self.told(forged + [Self.initiation(1), Self.response(8, to: 1)])
    #expect(after.conclusion != .clean)
    #expect(after.gaps.contains { $0.contains("more than 64 endpoints") })
  }

  @Test func `packets held for a candidate end as if decided at once`() {
    // The Endpoint is stated: the candidates' counts must match this.
    var random = SeededGenerator()
    for round in 0..<60 {
      var packets: [[UInt8]] = []
      for _ in 0..<Int.random(in: 0..<6, using: &random) {
        packets.append(Self.data(7, .random(in: 0...9, using: &random)))
      }
      packets += [Self.initiation(1), Self.response(8, to: 1), Self.data(8), Self.data(8, 1)]
      let inferred = Self.told(packets)
      let known = policy { $0.endpoints = [stated(TunnelEndpoint(endpoint(Self.server)))] }
      let verdicts = audit(packets.map { SampleFrame($0) }, known)
      #expect(
        inferred.classes[.tunnel].frames == verdicts.count { $0.hasPrefix("tunnel") },
        "seed \(random.seed), round \(round)")
    }
  }

  @Test func `an answer from the sender's own station proves nothing`() {
    let (own, router) = (MACAddress(0x02_42_AC_12_00_02), MACAddress(0x02_42_00_00_00_01))
    func endpoints(_ answering: MACAddress) -> [Endpoint] {
      let frames = [
        (Self.initiation(1), own, router), (Self.response(8, to: 1), answering, own), (Self.data(8), own, router),
      ].map { SampleFrame(ethernet($0.0, .ipv4, from: $0.1, to: $0.2), .ethernet) }
      var found: [Endpoint] = []
      _ = audit(Array(frames.prefix(2)), TunnelPolicy(), infersEndpoints: true) {
        found = $0.policy.endpoints.map(\.value.endpoint)
      }
      return found
    }
    #expect(endpoints(router) == [endpoint(Self.server)])
    #expect(endpoints(own) == [])
  }

  // MARK: - Stations

  private static let gateway = MACAddress(0x02_42_AC_12_00_02)
  private static let router = MACAddress(0x02_42_00_00_00_01)
  private static let accomplice = MACAddress(0x02_42_AC_12_00_99)

  private static func frame(
    _ packet: [UInt8], _ from: MACAddress = gateway, _ to: MACAddress = router
  ) -> SampleFrame { SampleFrame(ethernet(packet, .ipv4, from: from, to: to), .ethernet) }

  @Test func `an answer from another station is accepted, and reported`() {
    for (station, conclusion) in [(Self.router, AuditSummary.Conclusion.clean), (Self.accomplice, .incomplete)] {
      let begun = Self.told([
        Self.frame(Self.initiation(1)), Self.frame(Self.response(8, to: 1), station, Self.gateway),
        Self.frame(Self.data(8)),
      ])
      #expect(begun.endpoints == [endpoint(Self.server)] && begun.conclusion == conclusion, "\(begun)")
      let called = Self.told([
        Self.frame(Self.initiation(5, from: Self.server, to: Self.container), station, Self.gateway),
        Self.frame(Self.response(6, to: 5, from: Self.container, at: Self.server)),
        Self.frame(Self.data(6, from: Self.server, to: Self.container), station, Self.gateway),
        Self.frame(Self.data(5)),
      ])
      #expect(called.endpoints == [endpoint(Self.server)] && called.conclusion == conclusion, "\(called)")
    }
    // The sender of a query does not answer it.
    let own = Self.told([
      Self.frame(Self.initiation(1)), Self.frame(Self.response(8, to: 1), Self.gateway, Self.accomplice),
      Self.frame(Self.data(8)),
    ])
    #expect(own.endpoints == [])
  }

  @Test func `an Endpoint on the LAN is proven by an answer from the same station`() {
    let lan = "192.168.1.50:51820"
    let frames = [
      Self.frame(Self.initiation(1, to: lan)),
      Self.frame(Self.response(8, to: 1, from: lan), Self.router, Self.gateway),
      Self.frame(Self.data(8, to: lan)),
      Self.frame(Self.data(1, from: lan, to: Self.container), Self.router, Self.gateway),
    ]
    let told = Self.told(frames)
    #expect(told.endpoints == [endpoint(lan)] && told.conclusion == .clean, "\(told)")
    #expect((told.classes[.tunnel].frames, told.classes[.ingress].frames) == (2, 2))
    var forged = frames
    forged[1] = Self.frame(Self.response(8, to: 1, from: lan), Self.accomplice, Self.gateway)
    #expect(Self.told(forged).endpoints == [])
  }

  @Test func `a sender that invents candidates loses only its own`() {
    let flood = (0..<200).map { number in
      Self.data(7, UInt64(number), from: "172.18.0.9:5", to: "198.51.100.\(number):500")
    }
    let handshakes = (0..<200).map { number in
      Self.initiation(7, from: "172.18.0.9:5", to: "198.51.100.\(number):500")
    }
    let nearby = (0..<200).map { number in
      Self.data(7, UInt64(number), from: "172.18.0.9:5", to: "192.168.7.\(number):500")
    }
    for chaff in [flood, handshakes, nearby] {
      let told = Self.told(chaff + [Self.initiation(1)] + chaff + [Self.response(8, to: 1), Self.data(8)])
      #expect(told.endpoints == [endpoint(Self.server)])
      #expect(told.gaps.contains { $0.contains("more than 64 endpoints") })
    }
    let told = Self.told(flood + [Self.initiation(1), Self.response(8, to: 1), Self.data(8)])
    #expect(told.conclusion == .leaks && told.classes[.leak].frames == 200 && told.classes[.tunnel].frames == 2)
    #expect(told.severalTold.reduce(0, +) == 200)
  }
}
