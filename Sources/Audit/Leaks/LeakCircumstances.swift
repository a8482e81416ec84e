import Policy
import Wire

/// Remembers what a leak's nature depends on in earlier packets. Bounded; what is forgotten makes a leak look more
/// harmful, not less.
struct LeakCircumstances: ~Copyable {
  /// Who sent the first packet that was seen of a flow at a published port.
  private enum Opener: UInt8, BitwiseCopyable { case client, stack }

  /// How long a tunnel may take to come up after its container's start.
  static var startLimit: Elapsed { .seconds(60) }
  /// How many segments without content an older connection may leave: as many as Linux repeats one (tcp(7),
  /// tcp_retries2).
  static var remnantsPerFlow: UInt8 { 15 }

  let endpointNames: [String]
  let published: PublishedPorts
  private var startedAt: Timestamp?
  /// A start-up needs eight lookups of the Endpoint's name: A and AAAA, at two resolvers, each tried twice. A minute,
  /// the longest that a start may take, allows as many again.
  private var lookups: SenderBudget
  /// A kernel probes a neighbour every 15 to 45 seconds and up to three times (RFC 4861 section 10), answers as many
  /// probes, and repeats a membership report: enough for a dozen neighbours and groups.
  private var linkControl: SenderBudget
  /// A host with hundreds of connections ends them all when the audit begins, or when its tunnel does. ICMP errors are
  /// bounded by the kernel, too (icmp(7), icmp_ratelimit).
  private var remnants: SenderBudget
  private var openers: BoundedTable<FlowKey, Opener>
  /// Whether a flow that the stack began was forgotten: its answers would look like a client's call.
  private var hasForgottenOwn = false
  /// TCP flows whose beginning was seen: 0. Other flows: how many segments without content.
  private var connections: BoundedTable<FlowKey, UInt8>
  /// Whether a beginning was forgotten: the rest of its connection would look like an older one's.
  private var hasForgottenBeginning = false

  init(_ policy: TunnelPolicy, seed: UInt64) {
    // A pattern is not a name: a question for a name below it says more than the name.
    endpointNames = (policy.namedEndpoints.map(\.value.name) + policy.resolvedNames).filter { !$0.hasPrefix(".") }
    published = PublishedPorts(policy.publishedPorts.map(\.value))
    lookups = SenderBudget(burst: 8, interval: .milliseconds(7500), boundsDestinations: true, seed: seed)
    linkControl = SenderBudget(burst: 30, interval: .seconds(1), seed: seed)
    remnants = SenderBudget(burst: 300, interval: .milliseconds(200), seed: seed)
    openers = BoundedTable(capacity: 1 << 12, seed: seed)
    connections = BoundedTable(capacity: 1 << 12, seed: seed)
  }

  func isEndpointName(_ name: String) -> Bool {
    endpointNames.contains { NamePattern.covers($0, name) }
  }

  /// Notes that a container starts: its tunnel's Endpoint must be looked up again.
  mutating func beginStart(at moment: Timestamp) { startedAt = moment }

  mutating func endStart() { startedAt = nil }

  private func isStarting(_ phase: LeakPhase, at moment: Timestamp) -> Bool {
    if phase == .beforeHandshake { return true }
    guard let startedAt else { return false }
    let elapsed = moment - startedAt
    // Docker's clock and the kernel's stamp differ a little.
    return elapsed > .seconds(-1) && elapsed <= Self.startLimit
  }

  /// Notes what comes in at a published port.
  mutating func noteIncoming(_ packet: DecodedPacket) {
    guard published.contains(packet.destinationPort, packet.protocolNumber), packet.hasPorts,
      let flow = FlowKey(packet)?.reversed
    else { return }
    if openers.find(flow) == nil, !hasForgottenOwn { insert(.client, flow) }
  }

  private mutating func insert(_ opener: Opener, _ flow: FlowKey) {
    if openers.insert(flow, opener) == .stack { hasForgottenOwn = true }
  }

  /// The nature of a leak, judged when its packet leaves.
  mutating func nature(_ seen: borrowing Sighting, _ structure: Verdict.Structure, phase: LeakPhase) -> LeakNature {
    guard seen.packet.network == .ip, seen.packet.fragment != .later else { return .usual }
    let sender = Sender(seen)
    let moment = seen.moment
    switch structure {
    case .dns:
      guard isEndpointLookup(seen), isStarting(phase, at: moment),
        lookups.spend(sender, to: seen.packet.destination, at: moment)
      else { return .usual }
      return .endpointLookup
    case .multicast:
      guard LinkControl.isGroupMembership(seen), linkControl.spend(sender, to: seen.packet.destination, at: moment)
      else { return .usual }
      return .linkControl
    case .endpointBypass:
      guard seen.packet.isErrorAboutTunnel(seen.frame), remnants.spend(sender, to: seen.packet.destination, at: moment)
      else { return .usual }
      return .endpointError
    case .unnamed:
      if LinkControl.isNeighbourDiscovery(seen),
        linkControl.spend(sender, to: seen.packet.destination, at: moment)
      {
        return .linkControl
      }
      let connection = connectionNature(seen.packet)
      if isPublishedAnswer(seen.packet) { return .publishedAnswer }
      return isMild(seen, sender) ? connection : connection.burdened
    default: return .usual
    }
  }

  /// Whether a packet of a kind that carries nothing, a segment without content or an ICMP error, really carries
  /// nothing; packets of other kinds pass. A filter looks at the bytes that make such a packet, not at everything that
  /// may be in it.
  private mutating func isMild(_ seen: borrowing Sighting, _ sender: Sender) -> Bool {
    guard seen.packet.fragment == .whole else { return false }
    guard seen.packet.protocolNumber == .tcp || seen.packet.isICMP else { return true }
    guard seen.packet.transport == .header else { return false }
    let isBare: Bool
    if seen.packet.protocolNumber == .tcp {
      // The beginning of a connection is not mild: SYN, without RST or FIN.
      if seen.packet.payloadLength > 0 || seen.packet.flagsOrType & 0x07 == 0x02 { return true }
      isBare = seen.packet.isBareSegment(seen.frame)
    } else {
      // All types of ICMPv6 below 128 are errors (RFC 4443 section 2.1), known or not.
      let isError =
        ICMPType.isError(seen.packet.flagsOrType, seen.packet.protocolNumber)
        || seen.packet.protocolNumber == .icmpv6 && seen.packet.flagsOrType < 128
      if !isError { return true }
      isBare = seen.packet.isBareError(seen.frame)
    }
    return isBare && remnants.spend(sender, to: seen.packet.destination, at: seen.moment)
  }

  /// Whether it asks one resolver for the address of one of the policy's Endpoints, and nothing else.
  private func isEndpointLookup(_ seen: borrowing Sighting) -> Bool {
    guard !endpointNames.isEmpty, seen.packet.protocolNumber == .udp, seen.packet.transport == .header,
      seen.packet.isBare(seen.frame),
      seen.packet.payloadOffset + seen.packet.payloadLength == seen.packet.packetEnd,
      PlainQuestion.isAll(of: seen.payload),
      let question = DNSQuestions(seen.packet, seen.frame)?.list.first
    else { return false }
    switch AddressScope(seen.packet.destination) {
    case .public, .private, .linkLocal: return isEndpointName(question.name)
    default: return false
    }
  }

  private mutating func isPublishedAnswer(_ packet: DecodedPacket) -> Bool {
    guard !published.isEmpty, published.contains(packet.sourcePort, packet.protocolNumber), let flow = FlowKey(packet)
    else { return false }
    guard let opener = openers.find(flow) else {
      // What the stack began itself stays its own, whatever comes in later: peers call from the port they listen on.
      insert(.stack, flow)
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
      count(flow, 0)
      return .usual
    }
    let known = connections.find(flow)
    if known == 0 { return .usual }
    if packet.payloadLength > 0 { return .olderContent }
    if known == nil, hasForgottenBeginning { return .usual }
    // A connection that goes on is not a remnant, even if it only sends acknowledgements of what it receives.
    let segments = min(known ?? 0, Self.remnantsPerFlow) + 1
    count(flow, segments)
    return segments <= Self.remnantsPerFlow ? .olderConnection : .usual
  }

  private mutating func count(_ flow: FlowKey, _ segments: UInt8) {
    if connections.insert(flow, segments) == 0 { hasForgottenBeginning = true }
  }
}
