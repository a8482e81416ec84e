import Audit
import Policy
import PolicyFiles
import TestNeeds
import TestSupport
import Testing
import Wire

/// Bulk traffic is counted without being decoded. An observer prevents that, so an audit with one is the oracle.
@Suite struct KnownFlowsTests {
  private struct Oracle: FrameObserver {
    static var isActive: Bool { true }
    mutating func observe(
      _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
      interface: String, policy: TunnelPolicy
    ) {}
  }

  /// Everything that an audit ends with, as text.
  private static func summary<Observer: FrameObserver>(
    _ frames: [SampleFrame], _ policy: TunnelPolicy, infers: Bool, _ roles: [InterfaceRole?], batch: Int,
    _ observer: Observer
  ) -> String {
    var auditor = Auditor(policy, infersEndpoints: infers, seed: 1)
    var cursor = SourceCursor()
    for index in 0..<2 {
      cursor.interfaces.append(
        auditor.attach(InterfaceTally(name: "if\(index)", linkType: .ethernet, role: roles[index])))
    }
    var source = FrameList(frames)
    var observer = observer
    while case .limit = auditor.audit(&source, &cursor, until: .distantFuture, limit: batch, observer: &observer) {}
    return "\(auditor.frames) frames of \(frames.count): \(auditor.summary(ConclusionRules()))"
  }

  private static let policies: [@Sendable (inout TunnelPolicy) -> Void] = [
    { _ in },
    { $0.endpoints = [] },
    { $0.audited = [stated(prefix("172.18.0.0/16"))] },
    { $0.audited = [stated(prefix("203.0.113.0/24"))] },
    {
      $0.audited = [stated(prefix("203.0.113.0/24"))]
      $0.auditedOnly = true
    },
    { $0.auditedMACs = [stated(MACAddress(0x0200_0000_0001))] },
    { $0.local = [stated(prefix("203.0.113.0/24"))] },
    { $0.endpoints.append(stated(TunnelEndpoint(endpoint("89.44.10.178:53"), shape: .any))) },
    { $0.endpoints[0].value.shape = .anyReserved },
    { $0.namedEndpoints = [stated(NamedEndpoint(name: "vpn.example", port: 51820))] },
    { $0.servedPorts = [stated(51820)] },
    { $0.strictLocal = true },
    { $0.allowRules = [allow("udp and dst port 80 and greater 60")] },
  ]

  /// A message of the tunnel or something similar, in either direction, sometimes with a changed byte or cut.
  private static func randomFrame(
    _ random: inout SeededGenerator, index: Int, counter: inout Int
  ) -> SampleFrame {
    let inside = ["172.18.0.2", "172.18.0.2", "172.18.0.2", "172.18.0.3", "203.0.113.9", "89.44.10.178"]
    let outside = ["89.44.10.178", "89.44.10.178", "89.44.10.178", "198.51.100.7"]
    let ports: [UInt16] = [51820, 51820, 51820, 53]
    if Int.random(in: 0..<4, using: &random) == 0 { return randomLocalFrame(&random, index: index) }
    let type = UInt8.random(in: 1...20, using: &random)
    let length = [32, 32, 92, 148, 80, 112][Int.random(in: 0..<6, using: &random)]
    var message = wireGuard(type > 4 ? 4 : type, length: length)
    if message[0] == 4 {
      // Mostly in order, sometimes twice, ahead, or of another session.
      counter += [1, 1, 1, 1, 1, 1, 0, 3, 80][Int.random(in: 0..<9, using: &random)]
      message[4] = Int.random(in: 0..<9, using: &random) == 0 ? 7 : 1
      message.replaceSubrange(8..<16, with: (0..<8).map { UInt8(truncatingIfNeeded: counter >> ($0 * 8)) })
    }
    let isSent = Bool.random(using: &random)
    let (near, far) = (inside.randomElement(using: &random)!, outside.randomElement(using: &random)!)
    let port = ports.randomElement(using: &random)!
    let packet =
      isSent
      ? udpPacket("\(near):40001", "\(far):\(port)", message) : udpPacket("\(far):\(port)", "\(near):40001", message)
    var bytes = ethernet(packet, .ipv4)
    if Int.random(in: 0..<4, using: &random) == 0 {
      bytes[6 + Int.random(in: 0..<44, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
    }
    // Identification zero throughout, so that first and later fragments meet.
    switch Int.random(in: 0..<16, using: &random) {
    case 0: bytes[20] = 0x20
    case 1: bytes[21] = 5
    default: break
    }
    if Int.random(in: 0..<8, using: &random) == 0 { bytes.removeLast(Int.random(in: 0...40, using: &random)) }
    if Int.random(in: 0..<8, using: &random) == 0 { bytes += filler(6) }
    var frame = SampleFrame(bytes)
    frame.linkType = .ethernet
    frame.time = Timestamp(nanoseconds: Int64(index) * 1000 - Int64.random(in: 0..<3000, using: &random))
    frame.interface = Int.random(in: 0..<6, using: &random) == 0 ? 1 : 0
    frame.direction = [.unknown, .unknown, .incoming, .outgoing][Int.random(in: 0..<4, using: &random)]
    return frame
  }

  /// One of a few flows on the premises, in runs, now and then with a byte changed, cut, or a fragment.
  private static func randomLocalFrame(_ random: inout SeededGenerator, index: Int) -> SampleFrame {
    let destinations = ["172.18.0.3:80", "192.168.1.7:80", "239.1.2.3:1900", "172.18.0.3:53", "198.51.100.9:80"]
    let destination = destinations[index / 40 % destinations.count]
    let isTCP = index / 20 % 2 == 0
    let length = Int.random(in: 0...60, using: &random)
    let packet =
      isTCP
      ? tcpPacket("172.18.0.2:4000", destination, filler(length))
      : udpPacket("172.18.0.2:4000", destination, filler(length))
    var bytes = ethernet(packet, .ipv4)
    if Int.random(in: 0..<6, using: &random) == 0 {
      bytes[14 + Int.random(in: 0..<24, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
    }
    if Int.random(in: 0..<10, using: &random) == 0 { bytes.removeLast(Int.random(in: 0...24, using: &random)) }
    var frame = SampleFrame(bytes)
    frame.linkType = .ethernet
    frame.time = Timestamp(nanoseconds: Int64(index) * 1000)
    frame.interface = Int.random(in: 0..<8, using: &random) == 0 ? 1 : 0
    frame.direction = Int.random(in: 0..<8, using: &random) == 0 ? .outgoing : .incoming
    return frame
  }

  @Test(arguments: policies.indices, [false, true])
  func `bridge and NAT give the same summary`(index: Int, hasRoles: Bool) throws {
    let random = SeededGenerator()
    var traffic = KnownFlowsTraffic(seed: random.seed)
    var policy = policy(Self.policies[index])
    policy.labelRules = try loadShippedRules()
    policy.containers = [
      stated(StatedContainer(names: ["vpn"], addresses: [address("172.18.0.2")], macAddresses: [], holdsTunnel: true))
    ]
    for round in 0..<rounds(4, few: 2) {
      let frames = traffic.frames(700)
      let batch = round % 2 == 0 ? Int.max : 7
      let roles: [InterfaceRole?] = hasRoles ? [.bridge, .nic] : [nil, nil]
      let fast = Self.summary(frames, policy, infers: policy.endpoints.isEmpty, roles, batch: batch, NoObserver())
      let slow = Self.summary(frames, policy, infers: policy.endpoints.isEmpty, roles, batch: batch, Oracle())
      #expect(fast == slow, "seed \(random.seed), round \(round)")
    }
  }

  @Test(arguments: policies.indices, [nil, .bridge, .nic] as [InterfaceRole?])
  func `known flows give the same summary as decoding every frame`(index: Int, role: InterfaceRole?) {
    var random = SeededGenerator()
    for round in 0..<rounds(6, few: 2) {
      var counter = 0
      let frames = (0..<400).map { Self.randomFrame(&random, index: $0, counter: &counter) }
      let policy = policy(Self.policies[index])
      let infers = policy.endpoints.isEmpty
      let batch = round % 2 == 0 ? Int.max : 7
      let fast = Self.summary(frames, policy, infers: infers, [role, nil], batch: batch, NoObserver())
      let slow = Self.summary(frames, policy, infers: infers, [role, nil], batch: batch, Oracle())
      #expect(fast == slow, "seed \(random.seed), round \(round)")
    }
  }
}
