import Policy
import Wire

/// Finds out how many local and allowed packets both bridge and NIC showed, so that each can count once (CONTRACT 4,
/// "Packets").
///
/// Flows are compared, not packets: a flow that both sides showed has as many packets in common as the side with fewer
/// showed. The count is known only if no flow can have changed its port on the way: to no host and port did the bridge
/// show more packets of one flow, and the NIC more of another. Nor is it known if both sides showed packets to one host
/// that no port or identifier assigns to a flow; nor if each showed packets from one host and port that go to the same
/// port of different addresses: answers to what NAT has sent, which a capture without directions counts as local.
struct CrossingFlows: Sendable {
  /// Classes are compared apart.
  enum Kind: Sendable, BitwiseCopyable { case local, allowed }

  private struct Key: TableKey, Sendable {
    var kind: Kind
    var end: FlowEnd
    /// Whether its packets may be of several flows.
    var isVague = false

    func mix(into hash: inout KeyHash) { end.mix(into: &hash) }
  }

  private struct Side: Sendable, BitwiseCopyable {
    var packets = 0
    /// Nil until there is one.
    var source: IPAddress?
    var hasSeveralSources = false

    mutating func add(_ packets: Int, from source: IPAddress) {
      self.packets &+= packets
      if let known = self.source, known != source { hasSeveralSources = true }
      self.source = source
    }
  }

  private struct Flow: Sendable, BitwiseCopyable {
    var key: Key
    var bridge = Side()
    var nic = Side()
    var last: Timestamp
  }

  /// What a flow has in common with the one that it may be on the other side, if NAT changed its port, or if NAT has
  /// changed back the destination of an answer.
  private struct Likeness: Hashable {
    var kind: Kind
    var address: IPAddress
    var protocolNumber: UInt8
    var port: UInt16
    /// Nil if NAT may have changed it.
    var otherPort: UInt16?

    init(to key: Key) {
      kind = key.kind
      address = key.end.destination
      protocolNumber = key.end.protocolNumber
      port = key.end.destinationPort
    }

    init(from source: IPAddress, _ key: Key) {
      kind = key.kind
      address = source
      protocolNumber = key.end.protocolNumber
      port = key.end.sourcePort
      otherPort = key.end.destinationPort
    }
  }

  /// The packets that both sides showed, by class; nil if that is not certain.
  private struct Shared {
    var local: Int? = 0
    var allowed: Int? = 0

    mutating func add(_ packets: Int, _ kind: Kind) {
      switch kind {
      case .local: local = local.map { $0 + packets }
      case .allowed: allowed = allowed.map { $0 + packets }
      }
    }

    mutating func lose(_ kind: Kind) {
      switch kind {
      case .local: local = nil
      case .allowed: allowed = nil
      }
    }
  }

  /// Flows followed at a time. A flow that was silent for `graceTime` is compared, and makes room.
  private static var limit: Int { 4096 }
  /// Slots for flows: room for those that are noted together when known flows are settled.
  private static var capacity: Int { 2 * limit }
  /// A packet may appear on the NIC so much later than on the bridge, or so much earlier if two captures with different
  /// clocks were merged.
  private static var graceTime: Elapsed { .seconds(2) }

  /// Open addressing; allocated for the first flow.
  private var slots: [Flow?] = []
  private var count = 0
  private var settled = Shared()
  private var latest = Timestamp.distantPast
  /// A container chooses its own ports, so it could choose collisions.
  private let seed = UInt64.random(in: .min ... .max)

  /// Whether flows must be compared (`makeRoom`) before more are added.
  var isFull: Bool { count >= Self.limit }

  /// Notes a packet on an interface. Without a role the count of its class is no longer known.
  mutating func note(_ kind: Kind, _ seen: borrowing Sighting, on role: InterfaceRole?) {
    let isVague = !seen.packet.hasPorts && FlowKey(seen.packet)?.isEcho != true
    note(
      Key(kind: kind, end: FlowEnd(seen.packet) ?? FlowEnd(to: seen.packet), isVague: isVague), on: role, frames: 1,
      from: seen.packet.source, at: seen.moment)
  }

  /// Notes the packets of a known local flow that were not compared yet.
  mutating func note(_ flow: KnownFlows.Flow, on role: InterfaceRole?) {
    note(
      Key(kind: .local, end: FlowEnd(flow.key)), on: role, frames: flow.uncompared, from: flow.key.source,
      at: flow.time.last)
  }

  private mutating func note(
    _ key: Key, on role: InterfaceRole?, frames: Int, from source: IPAddress, at moment: Timestamp
  ) {
    guard let role else { return settled.lose(key.kind) }
    if moment > latest { latest = moment }
    guard let position = place(of: key, at: moment) else { return loseAll() }
    switch role {
    case .bridge: slots[position]?.bridge.add(frames, from: source)
    case .nic: slots[position]?.nic.add(frames, from: source)
    }
    if let last = slots[position]?.last, moment > last { slots[position]?.last = moment }
  }

  /// The flow's slot, which it gets if it has none; nil if there are too many flows.
  private mutating func place(of key: Key, at moment: Timestamp) -> Int? {
    if slots.isEmpty { slots = Array(repeating: nil, count: Self.capacity) }
    var position = Int(truncatingIfNeeded: key.hash(seed: seed)) & (Self.capacity - 1)
    while let flow = slots[position], flow.key != key { position = (position + 1) & (Self.capacity - 1) }
    if slots[position] != nil { return position }
    // One slot stays empty, so that the search ends.
    guard count < Self.capacity - 1 else { return nil }
    slots[position] = Flow(key: key, last: moment)
    count += 1
    return position
  }

  /// Compares flows that have ended. Everything must have been noted that was counted so far.
  mutating func makeRoom() {
    let flows = slots.compactMap(\.self)
    let hasEnded = { [latest] (flow: Flow) in flow.last + Self.graceTime < latest }
    Self.compare(flows.filter(hasEnded), into: &settled)
    clear()
    let others = flows.filter { !hasEnded($0) }
    guard others.count <= Self.limit / 2 else { return loseAll() }
    for flow in others {
      if let position = place(of: flow.key, at: flow.last) { slots[position] = flow }
    }
  }

  private mutating func clear() {
    for position in slots.indices { slots[position] = nil }
    count = 0
  }

  private mutating func loseAll() {
    settled.lose(.local)
    settled.lose(.allowed)
    clear()
  }

  /// How many packets of a class both sides showed; nil if that is not certain.
  func shared(_ kind: Kind) -> Int? {
    var result = settled
    Self.compare(slots.compactMap(\.self), into: &result)
    return kind == .local ? result.local : result.allowed
  }

  private static func compare(_ flows: [Flow], into result: inout Shared) {
    var unmatched: [Likeness: (onBridge: Bool, onNIC: Bool)] = [:]
    for flow in flows {
      let key = flow.key
      let common = min(flow.bridge.packets, flow.nic.packets)
      if common > 0, key.isVague { result.lose(key.kind) }
      result.add(common, key.kind)
      guard flow.bridge.packets != flow.nic.packets else { continue }
      let isOnBridge = flow.bridge.packets > flow.nic.packets
      let side = isOnBridge ? flow.bridge : flow.nic
      if side.hasSeveralSources { result.lose(key.kind) }
      for likeness in [Likeness(to: key), side.source.map { Likeness(from: $0, key) }].compactMap(\.self) {
        if isOnBridge {
          unmatched[likeness, default: (false, false)].onBridge = true
        } else {
          unmatched[likeness, default: (false, false)].onNIC = true
        }
      }
    }
    for (likeness, sides) in unmatched where sides.onBridge && sides.onNIC { result.lose(likeness.kind) }
  }
}
