import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Where the tunnel goes if the gateway chooses its server from a list, if the key is required, or if it was up before
/// the audit (CONTRACT 5, where an Endpoint comes from).
@Suite struct EndpointListTests {
  private static let gateway = "172.18.0.2:40000"
  private static let server = "192.0.2.1:51820"
  private static let other = "198.51.100.66:51820"
  private static let key = [UInt8](repeating: 7, count: 32)
  private static let wrongKey = [UInt8](repeating: 9, count: 32)

  private static func listed(_ servers: [(String, [UInt8]?)]) -> TunnelPolicy {
    var policy = TunnelPolicy()
    policy.endpointLists = [
      Stated(
        EndpointList(
          name: "gluetun's list of servers", extent: "\(servers.count) of mullvad",
          servers: servers.map { EndpointList.Server(endpoint($0.0), publicKey: $0.1) }), origin: "servers.json")
    ]
    return policy
  }

  private static let list = listed([(server, key), ("192.0.2.2:51820", key), ("192.0.2.3:51820", nil)])

  private static func told(
    _ packets: [(seconds: Double, bytes: [UInt8])], _ policy: TunnelPolicy = list
  ) -> AuditSummary {
    told(packets.map { SampleFrame($0.bytes).after(seconds: $0.seconds) }, policy)
  }

  private static func told(_ packets: [[UInt8]], _ policy: TunnelPolicy = list) -> AuditSummary {
    told(packets.enumerated().map { (Double($0.offset), $0.element) }, policy)
  }

  private static func told(
    _ frames: [SampleFrame], _ policy: TunnelPolicy, roles: [InterfaceRole?] = [nil]
  ) -> AuditSummary {
    var auditor = Auditor(policy, infersEndpoints: true, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = roles.enumerated().map { index, role in
      auditor.attach(InterfaceTally(name: "if\(index)", linkType: .raw, role: role))
    }
    var source = FrameList(frames)
    var observer = NoObserver()
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    auditor.conclude()
    let summary = auditor.summary(ConclusionRules())
    #expect(summary.counts.total.frames == frames.count)
    #expect(summary.findings.reduce(0) { $0 + $1.count.frames } == summary.counts[.leak].frames)
    let steps = summary.traffic.steps.reduce(0) { total, step in total + (0..<5).reduce(0) { $0 + step[$1] } }
    #expect(steps == frames.count)
    return summary
  }

  private static func hello(
    _ index: UInt32, from: String = gateway, to: String = server, for key: [UInt8] = key
  ) -> [UInt8] { udpPacket(from, to, initiation(sender: index, to: key)) }

  private static func answer(
    _ index: UInt32, to receiver: UInt32, from: String = server, at: String = gateway
  ) -> [UInt8] { udpPacket(from, at, wireGuardResponse(sender: index, receiver: receiver)) }

  private static func data(
    _ receiver: UInt32, _ counter: UInt64 = 0, from: String = gateway, to: String = server
  ) -> [UInt8] { udpPacket(from, to, wireGuardData(receiver: receiver, counter: counter)) }

  private static func back(_ receiver: UInt32, _ counter: UInt64 = 0, from: String = server) -> [UInt8] {
    data(receiver, counter, from: from, to: gateway)
  }

  @Test func `a handshake for the key of a listed server shows the Endpoint at once`() throws {
    let summary = Self.told([Self.data(5, 70), Self.hello(1), Self.answer(8, to: 1), Self.data(8)])
    #expect(summary.conclusion == .clean && summary.counts[.tunnel].frames == 3)
    let tunnel = try #require(summary.tunnels.first)
    #expect(tunnel.endpoint.value.endpoint == endpoint(Self.server) && tunnel.endpoint.value.source == .listed)
    #expect(tunnel.endpoint.origin == "gluetun's list of servers, servers.json, and the handshake in frame 2")
    #expect(tunnel.endpoint.value.publicKey == Self.key)
    // All of it is verified, except the data of a session that is older than the audit.
    #expect(tunnel.tally.verified.frames == 2)
    // Even before anyone answers: the list is the user's statement.
    #expect(Self.told([Self.hello(1), Self.data(8)]).conclusion == .clean)
    // A list without keys names addresses.
    let keyless = Self.told([Self.hello(1, to: "192.0.2.3:51820", for: Self.wrongKey)])
    #expect(keyless.conclusion == .clean && keyless.policy.endpoints.count == 1)
  }

  @Test(arguments: [
    (Self.other, Self.key, "does not have that server"), ("192.0.2.1:443", Self.key, "does not have that server"),
    (Self.server, Self.wrongKey, "for another key"),
  ])
  func `a handshake that fits no listed server makes the audit incomplete`(
    to: String, key: [UInt8], reason: String
  ) {
    let handshake = [Self.hello(1, to: to, for: key), Self.answer(8, to: 1, from: to), Self.data(8, to: to)]
    let summary = Self.told(handshake)
    #expect(summary.conclusion == .incomplete && summary.counts[.tunnel].frames == 2)
    #expect(summary.incomplete.first?.contains(reason) == true, "\(summary.incomplete)")
    #expect(summary.gaps.first?.action.hasSuffix("probably yours: then state --endpoint \(to)") == true)
    #expect(summary.policy.endpoints.isEmpty)
    // What is not answered is not a tunnel.
    #expect(Self.told([Self.hello(1, to: to, for: key), Self.data(8, to: to)]).conclusion == .leaks)
  }

  @Test func `a second tunnel beside a listed server's is a leak, whichever came first`() {
    let own = [Self.hello(1), Self.answer(8, to: 1), Self.data(8), Self.back(1), Self.data(8, 1), Self.back(1, 1)]
    let others = [
      Self.hello(2, to: Self.other), Self.answer(9, to: 2, from: Self.other), Self.data(9, to: Self.other),
      Self.back(2, from: Self.other), Self.data(9, 1, to: Self.other), Self.back(2, 1, from: Self.other),
    ]
    let interleaved = [zip(own, others).flatMap { [$0, $1] }, zip(own, others).flatMap { [$1, $0] }]
    for packets in interleaved {
      let summary = Self.told(packets)
      #expect(
        summary.conclusion == .leaks && summary.counts[.tunnel].frames == 3 + summary.unanswered, "\(summary.counts)")
      #expect(summary.findings.allSatisfy { $0.key.destination == endpoint(Self.other).address })
      #expect(summary.policy.endpoints.map(\.value.endpoint) == [endpoint(Self.server)])
    }
  }

  @Test func `another listed server takes over at once, and the timeline shows it`() {
    let second = "192.0.2.2:51820"
    let summary = Self.told([
      Self.hello(1), Self.answer(8, to: 1), Self.data(8), Self.back(1), Self.hello(2, to: second),
      Self.answer(9, to: 2, from: second), Self.data(9, to: second), Self.back(1, 1),
    ])
    #expect(summary.conclusion == .clean && summary.counts[.tunnel].frames == 4)
    #expect(
      summary.timeline.events.map(\.text) == [
        "handshake with \(Self.server)", "the tunnel's server changed from \(Self.server) to \(second)",
        "handshake with \(second)",
      ])
  }

  @Test func `servers that take turns are all reported, once each`() {
    let second = "192.0.2.2:51820"
    let turns = [Self.server, second, Self.server, second, second]
    let packets = turns.enumerated().flatMap { number, server in
      let index = UInt32(number + 1)
      return [
        Self.hello(index, to: server), Self.answer(90 + index, to: index, from: server),
        Self.data(90 + index, to: server),
      ]
    }
    let frames = packets.enumerated().flatMap { number, packet in
      [0, 1].map { Self.frame(packet, on: $0).after(seconds: Double(number)) }
    }
    let summary = Self.told(frames, Self.list, roles: [nil, nil])
    #expect(summary.conclusion == .clean && summary.counts[.tunnel].frames == 20)
    let changes = summary.timeline.events.map(\.text).filter { $0.hasPrefix("the tunnel's server changed") }
    let there = "the tunnel's server changed from \(Self.server) to \(second)"
    let back = "the tunnel's server changed from \(second) to \(Self.server)"
    #expect(changes == [there, back, there])
  }

  @Test func `without a list, the timeline shows a new server too`() {
    let packets: [(Double, [UInt8])] = [
      (0, Self.hello(1)), (0.1, Self.answer(8, to: 1)), (1, Self.data(8)), (1.1, Self.back(1)),
      (2, Self.hello(2, to: Self.other)), (2.1, Self.answer(9, to: 2, from: Self.other)),
      (3, Self.data(9, to: Self.other)), (9, Self.data(9, 1, to: Self.other)),
    ]
    let summary = Self.told(packets, TunnelPolicy())
    #expect(summary.conclusion == .clean)
    let change = "the tunnel's server changed from \(Self.server) to \(Self.other)"
    #expect(summary.timeline.events.filter { $0.text == change }.count == 1)
    // Late packets of the old server do not make the new tunnel a leak.
    let trailing = packets + [(3.5, Self.back(1, 1)), (4, Self.back(1, 2))]
    let doubtful = Self.told(trailing.sorted { $0.0 < $1.0 }, TunnelPolicy())
    #expect(doubtful.conclusion == .incomplete && doubtful.counts[.leak].frames == 0, "\(doubtful.counts)")
    #expect(
      doubtful.incomplete.first?.contains("was answered beside another Endpoint's") == true, "\(doubtful.incomplete)")
  }

  @Test func `an unlisted server takes over as doubtful once the listed one is silent`() {
    let summary = Self.told([
      (0, Self.hello(1)), (0.1, Self.answer(8, to: 1)), (1, Self.data(8)), (2, Self.back(1)),
      (30, Self.hello(2, to: Self.other)), (30.1, Self.answer(9, to: 2, from: Self.other)),
      (31, Self.data(9, to: Self.other)),
    ])
    #expect(summary.conclusion == .incomplete && summary.counts[.tunnel].frames == 4, "\(summary.counts)")
    #expect(summary.gaps.contains { $0.action.hasSuffix("probably yours: then state --endpoint \(Self.other)") })
  }

  // MARK: - Who sends

  private static func frame(_ packet: [UInt8], on interface: Int) -> SampleFrame {
    SampleFrame(packet, interface: interface)
  }

  @Test func `another container's handshake with a listed server is a leak, on the NIC too`() {
    var known = Self.list
    known.containers = [
      stated(
        StatedContainer(names: ["gluetun"], addresses: [address("172.18.0.2")], macAddresses: [], holdsTunnel: true)),
      stated(
        StatedContainer(names: ["other"], addresses: [address("172.18.0.9")], macAddresses: [], holdsTunnel: false)),
    ]
    let (own, nic) = ("172.18.0.9:4000", "192.168.1.7:4000")
    let frames = [
      Self.frame(Self.hello(1, from: own), on: 0), Self.frame(Self.hello(1, from: nic), on: 1),
      Self.frame(Self.answer(8, to: 1, at: nic), on: 1), Self.frame(Self.answer(8, to: 1, at: own), on: 0),
      Self.frame(Self.data(8, from: own), on: 0), Self.frame(Self.data(8, from: nic), on: 1),
    ].enumerated().map { $0.element.after(seconds: Double($0.offset)) }
    let summary = Self.told(frames, known, roles: [.bridge, .nic])
    #expect(summary.conclusion == .leaks && summary.counts[.tunnel].frames == 0, "\(summary.counts)")
    #expect(summary.counts[.leak].frames == 4 && summary.policy.endpoints.isEmpty)
    // Without a role its address shows it.
    let alone = Self.told(Array(frames.filter { $0.interface == 0 }), known)
    #expect(alone.conclusion == .leaks && alone.counts[.leak].frames == 2)
  }

  @Test func `in the gateway's own namespace any handshake with a listed server counts`() {
    // The limit that the manual names: they share address, ports and the public list.
    let forged = Self.told([Self.hello(1), Self.data(77, 5), Self.data(78, 6)])
    #expect(forged.conclusion == .clean && forged.counts[.tunnel].frames == 3)
    // If the peer's key is required, data alone does not count.
    var strict = Self.list
    strict.requiresVerifiedPeer = true
    #expect(Self.told([Self.hello(1), Self.data(77, 5), Self.data(78, 6)], strict).conclusion == .leaks)
  }

  // MARK: - Keys

  private static let keyed = {
    var policy = TunnelPolicy()
    policy.inferredPeerKeys = [stated(key)]
    return policy
  }()

  @Test func `a required key must match`() {
    let fits = Self.told([Self.hello(1), Self.answer(8, to: 1), Self.data(8)], Self.keyed)
    #expect(fits.conclusion == .clean && fits.tunnels.first?.grade == .peerVerified)
    #expect(fits.tunnels.first?.endpoint.value.source == .inferred)
    let foreign = Self.told(
      [Self.hello(1, for: Self.wrongKey), Self.answer(8, to: 1), Self.data(8)], Self.keyed)
    #expect(foreign.conclusion == .leaks && foreign.counts[.leak].frames == 2)
    // An answer to an initiation for another key proves nothing about this one.
    let mixed = Self.told(
      [Self.hello(1, for: Self.wrongKey), Self.hello(2), Self.answer(8, to: 1), Self.data(8)], Self.keyed)
    #expect(mixed.conclusion == .leaks && mixed.policy.endpoints.isEmpty)
  }

  @Test func `a handshake cut before its key proves nothing if a key is required`() {
    func cut(_ packet: [UInt8]) -> SampleFrame {
      SampleFrame(Array(packet.prefix(96)), originalLength: packet.count)
    }
    let frames = [cut(Self.hello(1)), SampleFrame(Self.answer(8, to: 1)), cut(Self.data(8))]
    let doubtful = Self.told(frames, Self.keyed)
    #expect(doubtful.conclusion == .incomplete && doubtful.counts[.tunnel].frames == 2)
    #expect(
      doubtful.incomplete.first?.contains("too little of it was captured to check its key") == true,
      "\(doubtful.incomplete)")
    // For a listed address, the answer is the next best source.
    let inferred = Self.told(frames, Self.list)
    #expect(inferred.conclusion == .clean && inferred.tunnels.first?.endpoint.value.source == .inferred)
  }

  // MARK: - Older than the audit

  private static func running(
    _ server: String = server, from: String = gateway, index: UInt32 = 5
  ) -> [[UInt8]] {
    [
      data(index, 70, from: from, to: server), data(6, 9, from: server, to: from),
      data(index, 71, from: from, to: server), data(6, 10, from: server, to: from),
    ]
  }

  @Test(arguments: [TunnelPolicy(), Self.list, Self.keyed])
  func `two-way data of a tunnel that is already up is not a leak, and the report names --endpoint`(
    policy: TunnelPolicy
  ) {
    let summary = Self.told(Self.running(), policy)
    #expect(summary.conclusion == .incomplete && summary.counts[.tunnel].frames == 2)
    #expect(summary.gaps.first?.action.hasSuffix("probably yours: then state --endpoint \(Self.server)") == true)
    #expect(summary.tunnels.map(\.tally.state) == [.up])
    // Anything else sent there is a leak, and so is data that is not answered, or answered under changing indices.
    #expect(
      Self.told(Self.running() + [udpPacket(Self.gateway, "192.0.2.1:443", filler(40))], policy).conclusion == .leaks)
    #expect(Self.told([Self.data(5, 70), Self.data(5, 71)], policy).conclusion == .leaks)
    let changing = [Self.data(5, 70), Self.back(6), Self.data(5, 71), Self.back(7), Self.data(5, 72), Self.back(8)]
    #expect(Self.told(changing, policy).conclusion == .leaks)
  }

  @Test func `a sender has one tunnel at a time, even one older than the audit`() {
    let two = zip(Self.running(), Self.running(Self.other)).flatMap { [$0, $1] }
    let summary = Self.told(two, TunnelPolicy())
    #expect(summary.conclusion == .leaks && summary.counts[.leak].frames == 2 && summary.counts[.tunnel].frames == 2)
    // A listed server is the tunnel, though the other one was seen first.
    let listed = Self.told(zip(Self.running(Self.other), Self.running()).flatMap { [$0, $1] })
    #expect(listed.findings.first?.key.destination == endpoint(Self.other).address)
    // Two senders may have one each, and the user must say which is theirs.
    let apart = Self.told(Self.running() + Self.running(Self.other, from: "172.18.0.9:1"), TunnelPolicy())
    #expect(apart.conclusion == .incomplete)
    #expect(apart.gaps.count { $0.action.contains("if it is yours, state --endpoint") } == 2)
    // A handshake proves where the tunnel goes.
    let proven = Self.told(Self.running() + [Self.hello(1), Self.answer(8, to: 1), Self.data(8)], TunnelPolicy())
    #expect(proven.conclusion == .clean && proven.counts[.tunnel].frames == 4)
  }

  @Test func `a live audit reports a candidate as its summary counts it`() {
    var auditor = Auditor(TunnelPolicy(), infersEndpoints: true, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "if0", linkType: .raw, role: nil))]
    var source = FrameList(Self.running().map { SampleFrame($0) })
    var observer = NoObserver()
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    #expect(auditor.leaksSoFar == 0 && !auditor.isUnproven(candidate: 1))
    #expect(auditor.apparentEndpoints == [endpoint(Self.server)])
  }

  @Test func `a large list gives the same results as a table`() {
    var random = SeededGenerator()
    let servers = (0..<1_000).map { _ in
      "\(Int.random(in: 11...99, using: &random)).\(Int.random(in: 0...9, using: &random)).2.9:51820"
    }
    let policy = Self.listed(servers.map { ($0, Self.key) })
    let known = Set(servers)
    for _ in 0..<100 {
      let target =
        "\(Int.random(in: 11...99, using: &random)).\(Int.random(in: 0...9, using: &random)).2.\(Int.random(in: 9...10, using: &random)):51820"
      let summary = Self.told([Self.hello(1, to: target)], policy)
      #expect(summary.policy.endpoints.isEmpty != known.contains(target), "seed \(random.seed), \(target)")
    }
  }
}

extension AuditSummary {
  /// Initiations that count as the tunnel's because nothing contradicted them when they came.
  fileprivate var unanswered: Int {
    tunnels.filter { $0.endpoint.origin.contains("beside another Endpoint") }.reduce(0) { $0 + $1.tally.sent.frames }
  }
}
