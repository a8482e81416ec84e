import Policy
import TestSupport
import Wire

/// Random policies and conversations: few addresses, most of them at the boundaries of blocks, few ports, so
/// that flows, fragments and special addresses meet often.
struct RandomPackets {
  static let allowed = address("198.51.100.9")

  private static let addresses4 = [
    "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "172.15.255.255", "172.16.0.0", "172.31.255.255",
    "172.32.0.0", "192.168.0.0", "192.168.255.255", "192.169.0.0", "100.64.0.1", "169.254.1.1", "127.0.0.1", "0.0.0.0",
    "0.0.0.1", "224.0.0.251", "224.0.0.252", "224.0.1.0", "239.0.0.1", "240.0.0.1", "255.255.255.255", "198.51.100.7",
    "198.51.100.9", "203.0.113.5", "203.0.113.77", "89.44.10.178", "10.66.5.6", "10.64.0.1", "9.9.9.9",
  ].map(address)
  private static let addresses6 = [
    "::", "::1", "::2", "fbff::1", "fc00::1", "fdff::1", "fe00::1", "fe80::1", "febf::1", "fec0::1", "ff02::fb",
    "ff02::1:3", "ff05::fb", "ff08::1", "ff0e::fb", "ff12::1", "ff1e::1", "2001:db8::7", "2001:db8::9", "2001:db8:5::5",
    "2001:db8:44::178", "fc00:bbbb::5:6", "::ffff:10.0.0.1", "64:ff9b::1",
  ].map(address)
  private static let ports: [UInt16] = [53, 53, 137, 443, 853, 5353, 5355, 51000, 51820, 51820, 40000, 40001]

  var random: SeededGenerator
  private var earlier: [DescribedPacket] = []

  init(_ random: SeededGenerator) { self.random = random }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  private mutating func pick<Element>(_ choices: [Element]) -> Element { choices.randomElement(using: &random)! }

  mutating func policy() -> TunnelPolicy {
    var policy = TunnelPolicy()
    let shapes: [TunnelEndpoint.Shape] = [.wireGuard, .wireGuard, .anyReserved, .any]
    for text in ["89.44.10.178:51820", "89.44.10.178:53", "[2001:db8:44::178]:51820", "192.168.255.255:51820"]
    where chance(75) {
      policy.endpoints.append(stated(TunnelEndpoint(endpoint(text), shape: pick(shapes))))
    }
    if chance(80) {
      policy.tunnelAddresses = ["10.66.5.6", "fc00:bbbb::5:6", "203.0.113.77"].map { stated(address($0)) }
    }
    if chance(80) { policy.tunnelResolvers = [stated(address("10.64.0.1"))] }
    if chance(60) { policy.resolvers = ["9.9.9.9", "10.255.255.255", "2001:db8::9"].map { stated(address($0)) } }
    if chance(30) { policy.servedPorts = [stated(51000)] }
    if chance(50) { policy.local = ["192.168.0.0/24", "100.64.0.0/10", "2001:db8:5::/64"].map { stated(prefix($0)) } }
    policy.strictLocal = chance(30)
    if chance(40) { policy.audited = ["203.0.113.0/24", "10.0.0.0/9", "fdff::/16"].map { stated(prefix($0)) } }
    policy.auditedOnly = chance(30)
    if chance(40) { policy.allowRules = [allow("dst host \(Self.allowed)")] }
    return policy
  }

  /// A handshake at the served port, its response and data. By chance a call and its answer rarely have both the
  /// directions, whole headers and addresses that a session needs. No other packet has its index, so none can move its
  /// peer.
  mutating func servedSession(_ role: InterfaceRole?) -> [DescribedPacket] {
    let peer = (address: address("198.51.100.7"), port: pick(Self.ports))
    let server = (address: address(pick(["172.31.255.255", "192.168.255.255"])), port: UInt16(51000))
    let index = UInt32.random(in: 1...0xFFFF, using: &random)
    func packet(_ payload: [UInt8], comesIn: Bool) -> DescribedPacket {
      let (from, to) = comesIn ? (peer, server) : (server, peer)
      var packet = DescribedPacket(source: from.address, destination: to.address, number: .udp)
      packet.ports = (from.port, to.port)
      packet.payload = payload
      packet.statedLength = payload.count
      packet.transportLength = 8 + payload.count
      if let role { packet.direction = comesIn == (role == .nic) ? .incoming : .outgoing }
      packet.bytes = ip(
        from: packet.source, to: packet.destination, .udp,
        udp(from.port, to.port, payload, length: packet.transportLength))
      packet.captured = packet.bytes.count
      return packet
    }
    return [
      packet(wireGuardInitiation(sender: index), comesIn: true),
      packet(wireGuardResponse(sender: index + 1, receiver: index), comesIn: false),
      packet(wireGuardData(receiver: index), comesIn: false),
    ]
  }

  /// Puts packets at random places among others, in their order.
  mutating func weave(_ session: [DescribedPacket], into packets: inout [DescribedPacket]) {
    let places = session.map { _ in Int.random(in: 0...packets.count, using: &random) }.sorted()
    for (place, packet) in zip(places, session).reversed() { packets.insert(packet, at: place) }
  }

  mutating func next() -> DescribedPacket {
    let addresses = chance(60) ? Self.addresses4 : Self.addresses6
    var packet = DescribedPacket(source: pick(addresses), destination: pick(addresses), number: .udp)
    packet.number = pick([.udp, .udp, .udp, .tcp, .tcp, packet.isIPv4 ? .icmp : .icmpv6, .gre, .esp])
    packet.ports = (pick(Self.ports), pick(Self.ports))
    packet.message = chance(50) ? .echo(pick([0, 1, 2])) : .other
    if let other = earlier.randomElement(using: &random), chance(40) {
      // An answer, sometimes almost one.
      (packet.source, packet.destination, packet.number) = (other.destination, other.source, other.number)
      packet.ports = (other.ports.destination, chance(90) ? other.ports.source : 40000)
      packet.message = other.message
    }
    if packet.number == .udp, chance(12) {
      packet.destination = address(packet.isIPv4 ? "89.44.10.178" : "2001:db8:44::178")
      packet.ports.destination = 51820
    }
    var wanted: (UInt8, Int)?
    if packet.number == .udp, chance(6) {
      // A call at the served port, or its answer.
      (packet.ports.destination, wanted) = (51000, (1, 148))
      if let call = earlier.last(where: { $0.ports.destination == 51000 && $0.payload.first == 1 }), chance(75) {
        (packet.source, packet.destination, packet.number) = (call.destination, call.source, .udp)
        (packet.ports, wanted) = ((51000, call.ports.source), pick([(2, 92), (3, 64), (4, 32), (4, 128)]))
      }
    }
    packet.direction = pick([.unknown, .unknown, .incoming, .outgoing])
    packet.identification = UInt32.random(in: 1...3, using: &random)
    packet.part = pick([.whole, .whole, .whole, .whole, .first, .later])
    if let first = earlier.last(where: { $0.part == .first }), chance(15) {
      // Another fragment of a datagram whose first was seen.
      packet = first
      packet.part = .later
      wanted = nil
    }
    build(&packet, wanted)
    earlier.append(packet)
    if earlier.count > 40 { earlier.removeFirst() }
    return packet
  }

  private mutating func build(_ packet: inout DescribedPacket, _ wanted: (UInt8, Int)?) {
    var transport: [UInt8]
    switch packet.number {
    case .udp:
      packet.payload = wanted.map { wireGuard($0.0, length: $0.1) } ?? payload()
      packet.statedLength = packet.payload.count + (packet.part == .first && chance(50) ? 1400 : 0)
      transport = udp(packet.ports.source, packet.ports.destination, packet.payload, length: 8 + packet.statedLength)
    case .tcp:
      transport = tcp(packet.ports.source, packet.ports.destination, filler(Int.random(in: 0...9, using: &random)))
    case .icmp, .icmpv6: transport = message(&packet)
    default: transport = filler(24)
    }
    if packet.part == .first, packet.isPortProtocol, chance(15) {
      transport = Array(transport.prefix(Int.random(in: 0..<packet.minimumHeader, using: &random)))
    }
    packet.transportLength = transport.count
    let fragment: Fragmentation? =
      switch packet.part {
      case .whole: nil
      case .first: Fragmentation(offset: 0, more: true, identification: packet.identification)
      case .later: Fragmentation(offset: 1480, more: chance(50), identification: packet.identification)
      }
    packet.bytes = ip(
      from: packet.source, to: packet.destination, packet.number, transport, fragment: fragment)
    packet.captured = packet.bytes.count
    var isError = false
    if case .error = packet.message { isError = packet.number == .icmp || packet.number == .icmpv6 }
    if !isError, chance(15) {
      packet.captured = min(packet.captured, packet.fixedHeader + Int.random(in: -4...32, using: &random))
    }
    packet.bytes = Array(packet.bytes.prefix(packet.captured))
  }

  private mutating func payload() -> [UInt8] {
    let lengths = [0, 3, 12, 31, 32, 63, 64, 91, 92, 147, 148, 149, 1452]
    let right: [(UInt8, Int)] = [(1, 148), (2, 92), (3, 64), (4, 32), (4, 128)]
    let (type, length) = chance(60) ? pick(right) : (pick([0, 1, 2, 3, 4, 5]), pick(lengths))
    return wireGuard(type, length: length, reserved: chance(85) ? [0, 0, 0] : [0, 7, 0])
  }

  private mutating func message(_ packet: inout DescribedPacket) -> [UInt8] {
    let isIPv4 = packet.isIPv4
    let quotable = earlier.filter {
      $0.isIPv4 == isIPv4 && $0.part == .whole && $0.captured == $0.fixedHeader + $0.transportLength
    }
    if chance(40), let original = quotable.randomElement(using: &random) {
      if chance(90) { packet.destination = original.source }
      let kept = pick([0, 3, 8, 1500])
      var seen = original
      seen.captured = min(original.captured, original.fixedHeader + kept)
      packet.message = .error(quoted: seen.flow, from: original.source)
      return icmp(pick(isIPv4 ? [3, 4, 5, 11, 12] : [1, 2, 3, 4]), Array(original.bytes.prefix(seen.captured)))
    }
    if case .error = packet.message { packet.message = .other }
    switch packet.message {
    case .echo(let identifier): return icmpEcho(pick(isIPv4 ? [0, 8] : [128, 129]), identifier: identifier)
    default: return icmp(pick([13, 14]), filler(12))
    }
  }
}
