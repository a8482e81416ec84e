import Policy
import Wire

/// What must be remembered of earlier packets to tell a leak's nature. Bounded; what is forgotten makes a leak look more
/// harmful, not less.
struct LeakCircumstances: ~Copyable {
  /// Who sent the first packet that was seen of a flow at a published port.
  private enum Opener: UInt8, BitwiseCopyable { case client, stack }

  /// Lookups of the Endpoint's name that a start-up needs: A and AAAA, of two resolvers, each tried twice. The rest is
  /// more than a start-up.
  static var lookupsPerStart: Int { 8 }
  /// How long after its container's start a tunnel may take to come up.
  static var startLimit: Elapsed { .seconds(60) }
  /// Segments without content that an older connection may leave: as many as Linux repeats one (tcp(7), tcp_retries2).
  static var remnantsPerFlow: UInt8 { 15 }

  let endpointNames: [String]
  let published: PublishedPorts
  private var startedAt: Timestamp?
  /// By interface.
  private var lookups: [Int: Int] = [:]
  private var openers: BoundedTable<FlowKey, Opener>
  /// TCP flows whose beginning was seen: 0. Others: how many segments without content.
  private var connections: BoundedTable<FlowKey, UInt8>

  init(_ policy: TunnelPolicy, seed: UInt64) {
    endpointNames = policy.namedEndpoints.map(\.value.name) + policy.resolvedNames
    published = PublishedPorts(policy.publishedPorts.map(\.value))
    openers = BoundedTable(capacity: 1 << 12, seed: seed)
    connections = BoundedTable(capacity: 1 << 12, seed: seed)
  }

  func isEndpointName(_ name: String) -> Bool {
    endpointNames.contains { NamePattern.covers($0, name) }
  }

  /// A container starts: its tunnel's Endpoint has to be looked up anew.
  mutating func beginStart(at moment: Timestamp) {
    startedAt = moment
    lookups = [:]
  }

  mutating func endStart() { startedAt = nil }

  private func isStarting(_ phase: LeakPhase, at moment: Timestamp) -> Bool {
    if phase == .beforeHandshake { return true }
    guard let startedAt else { return false }
    let elapsed = moment - startedAt
    // Docker's clock and the kernel's stamp differ by a little.
    return elapsed > .seconds(-1) && elapsed <= Self.startLimit
  }

  /// Notes what comes in at a published port.
  mutating func noteIncoming(_ packet: DecodedPacket) {
    guard published.contains(packet.destinationPort, packet.protocolNumber), packet.hasPorts,
      let flow = FlowKey(packet)?.reversed
    else { return }
    if openers.find(flow) == nil { openers.insert(flow, .client) }
  }

  /// The nature of a leak that leaves now, on an interface.
  mutating func nature(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ structure: Verdict.Structure, phase: LeakPhase,
    interface: Int
  ) -> LeakNature {
    guard packet.network == .ip, packet.fragment != .later else { return .usual }
    switch structure {
    case .dns:
      guard isEndpointLookup(packet, frame), isStarting(phase, at: frame.timestamp) else { return .usual }
      lookups[interface, default: 0] += 1
      return lookups[interface, default: 0] <= Self.lookupsPerStart ? .endpointLookup : .usual
    case .multicast: return isGroupMembership(packet, frame) ? .linkControl : .usual
    case .unnamed:
      if isNeighbourDiscovery(packet, frame) { return .linkControl }
      let connection = connectionNature(packet)
      return isPublishedAnswer(packet) ? .publishedAnswer : connection
    default: return .usual
    }
  }

  /// A question for the address of one of the policy's Endpoints, and nothing else.
  private func isEndpointLookup(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Bool {
    guard !endpointNames.isEmpty, packet.protocolNumber == .udp, packet.fragment == .whole,
      let message = DNSQuestions(packet, frame), !message.isResponse, !message.isIncomplete, message.list.count == 1
    else { return false }
    let question = message.list[0]
    // A, AAAA; neither answers nor authorities in a question.
    return [1, 28].contains(question.type) && question.queryClass == 1 && packet.payload(frame).uint32(at: 6) == 0
      && isEndpointName(question.name)
  }

  private mutating func isPublishedAnswer(_ packet: DecodedPacket) -> Bool {
    guard !published.isEmpty, published.contains(packet.sourcePort, packet.protocolNumber), let flow = FlowKey(packet)
    else { return false }
    guard let opener = openers.find(flow) else {
      // What the stack began itself stays its own, whatever comes in later: peers call from the port they listen on.
      openers.insert(flow, .stack)
      return false
    }
    return opener == .client
  }

  /// Follows a TCP connection: whether its beginning was seen, and if not, how much is left of it.
  private mutating func connectionNature(_ packet: DecodedPacket) -> LeakNature {
    guard packet.protocolNumber == .tcp, packet.fragment == .whole, packet.transport == .header,
      let flow = FlowKey(packet)
    else { return .usual }
    // SYN, with or without ACK.
    if packet.flagsOrType & 0x02 != 0 {
      connections.insert(flow, 0)
      return .usual
    }
    let known = connections.find(flow)
    if known == 0 { return .usual }
    if packet.payloadLength > 0 { return .olderContent }
    // A connection that goes on is no remnant, also if all it sends is acknowledgements of what it receives.
    let count = min(known ?? 0, Self.remnantsPerFlow) + 1
    connections.insert(flow, count)
    return count <= Self.remnantsPerFlow ? .olderConnection : .usual
  }

  /// IGMP (RFC 3376 section 4) with its TTL of 1, and MLD (RFC 2710, RFC 3810) with its hop limit of 1.
  private func isGroupMembership(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Bool {
    guard packet.fragment == .whole, hopLimit(packet, frame) == 1 else { return false }
    if packet.destination.isIPv4 { return packet.protocolNumber == .igmp }
    return packet.protocolNumber == .icmpv6 && packet.transport == .header
      && [130, 131, 132, 143].contains(packet.flagsOrType)
  }

  /// A neighbour solicitation to the address that it is about, or an advertisement from it (RFC 4861 section 7), with nothing
  /// but a link-layer address beside: what a link with public addresses sends to find out whether a neighbour is there.
  private func isNeighbourDiscovery(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Bool {
    guard packet.fragment == .whole, packet.protocolNumber == .icmpv6, packet.transport == .header,
      hopLimit(packet, frame) == 255, packet.packetLength <= 40 + 24 + 8,
      packet.transportOffset + 24 <= packet.packetEnd
    else { return false }
    let offset = Int(packet.transportOffset) + 8
    let target = IPAddress(v6High: frame.bytes.uint64(at: offset), low: frame.bytes.uint64(at: offset + 8))
    switch packet.flagsOrType {
    case 135: return target == packet.destination
    case 136: return target == packet.source
    default: return false
    }
  }

  /// IPv4's time to live, IPv6's hop limit.
  private func hopLimit(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> UInt8 {
    let header = packet.packetBytes(frame)
    let offset = packet.destination.isIPv4 ? 8 : 7
    return header.byteCount > offset ? header.uint8(at: offset) : 0
  }
}
