import Policy
import TestSupport
import Wire

/// A packet as its generator built it: the oracle never reads bytes.
struct DescribedPacket {
  enum Part { case whole, first, later }
  enum Message {
    case echo(UInt16)
    case other
    case error(quoted: String?, from: IPAddress?)
  }

  var source: IPAddress
  var destination: IPAddress
  var number: IPProtocol
  var ports: (source: UInt16, destination: UInt16) = (0, 0)
  var message = Message.other
  var payload: [UInt8] = []
  /// What UDP's length field leaves for the payload.
  var statedLength = 0
  var part = Part.whole
  var identification: UInt32 = 0
  var direction = RecordDirection.unknown
  /// Bytes of the transport header and payload in the packet, and how many of the whole packet were captured.
  var transportLength = 0
  var captured = 0
  var bytes: [UInt8] = []

  var isIPv4: Bool { source.isIPv4 }
  var fixedHeader: Int { isIPv4 ? 20 : 40 }
  var headers: Int { fixedHeader + (!isIPv4 && part != .whole ? 8 : 0) }
  /// How much of the transport header and payload was captured.
  var visible: Int { captured - headers }
  var isPortProtocol: Bool { number == .udp || number == .tcp }
  var minimumHeader: Int { number == .tcp ? 20 : 8 }
  var hasPorts: Bool { isPortProtocol && part != .later && visible >= 4 && transportLength >= minimumHeader }

  /// The flow that a complete capture of the packet shows; nil if it shows none.
  var flow: String? { visible < 0 ? nil : flowText(source, destination, ports.source, ports.destination) }
  var reversedFlow: String? { visible < 0 ? nil : flowText(destination, source, ports.destination, ports.source) }

  private func flowText(_ from: IPAddress, _ to: IPAddress, _ out: UInt16, _ into: UInt16) -> String? {
    switch number {
    case .udp, .tcp: return hasPorts ? "\(number) \(from) \(out) \(to) \(into)" : nil
    case .icmp, .icmpv6:
      guard part != .later, visible >= 8 else { return nil }
      switch message {
      case .echo(let identifier): return "echo \(from) \(to) \(identifier)"
      case .other: return "icmp \(from) \(to)"
      case .error: return nil
      }
    default: return "\(number) \(from) \(to)"
    }
  }
}

/// The contract, sections 1 and 2, sentence by sentence, with no regard for speed.
struct ContractOracle {
  let policy: TunnelPolicy
  let role: InterfaceRole?
  private var sent: Set<String> = []
  private var firsts: [String: String] = [:]
  /// For servers of the audited side: who has called a port, which indices were offered there, and which of them
  /// answered.
  private var called: Set<String> = []
  private var offered: [String: Call] = [:]
  /// For each of the server's indices, the index that was offered to it.
  private var partners: [String: String] = [:]

  private struct Call {
    /// Where the peer is.
    var place: String
    var isEstablished = false
  }
  /// Whether an interface without link-layer addresses showed an Endpoint's packets.
  private var isUplink = false

  init(_ policy: TunnelPolicy, role: InterfaceRole?) {
    self.policy = policy
    self.role = role
  }

  mutating func verdict(_ packet: DescribedPacket) -> String {
    guard packet.captured >= packet.fixedHeader else {
      return recorded(packet) == false ? "ingress" : "leak undecodable"
    }
    if isInner(packet) { return "ingress inner" }
    let protocolKnown = packet.visible >= 0
    let key =
      "\(packet.source) \(packet.destination) \(packet.identification)" + (packet.isIPv4 ? " \(packet.number)" : "")
    let goesOut = isEgress(packet)
    if goesOut, let flow = packet.flow { sent.insert(flow) }
    // A cut fragment header says nothing about fragments. Between public addresses the ports that would show a
    // direction are in the first fragment.
    if packet.part == .later, protocolKnown {
      if let first = firsts["\(goesOut) \(key)"] { return first }
      if goesOut, byFlow, let first = firsts["false \(key)"] { return first }
    }
    if !goesOut, !isFromEndpoint(packet) { call(packet) }
    let result =
      !goesOut ? "ingress" : packet.part == .later && protocolKnown ? orphan(packet) : egress(packet)
    if packet.part == .first, protocolKnown {
      firsts["\(goesOut) \(key)"] = result.hasPrefix("tunnel") ? "tunnel fragment" : result
    }
    return result
  }

  // Section 1, the tunnel's inside: the generator's packets are raw IP.

  private mutating func isInner(_ packet: DescribedPacket) -> Bool {
    guard role == nil else { return false }
    if policy.tunnelAddresses.contains(where: { $0.value == packet.source || $0.value == packet.destination }) {
      return !isUplink
    }
    let isToEndpoint =
      packet.number == .udp && packet.hasPorts
      && policy.endpoints.contains {
        $0.value.endpoint == Endpoint(address: packet.destination, port: packet.ports.destination)
      }
    if isToEndpoint || isFromEndpoint(packet) { isUplink = true }
    return false
  }

  // Section 1, direction.

  /// Whether rule 5 gave the latest direction.
  private var byFlow = false

  private mutating func isEgress(_ packet: DescribedPacket) -> Bool {
    byFlow = false
    if let recorded = recorded(packet) {
      // Without a MAC address only the source's shows that the packet is of the audited side.
      let isLookedAt = policy.audited.isEmpty || !policy.auditedOnly || listed(policy.audited, packet.source)
      return recorded && isLookedAt
    }
    if !policy.audited.isEmpty {
      if listed(policy.audited, packet.source) { return true }
      if listed(policy.audited, packet.destination) || policy.auditedOnly { return false }
    }
    if isFromEndpoint(packet) { return false }
    if isPrivate(packet.source) || isGroup(packet.destination) { return true }
    if isPrivate(packet.destination) { return false }
    byFlow = true
    if case .error(let quoted, let author) = packet.message, packet.part != .later, packet.visible >= 8 {
      guard let quoted, author == packet.destination else { return true }
      return !sent.contains(quoted)
    }
    guard let answered = packet.reversedFlow else { return true }
    return !sent.contains(answered)
  }

  private func isFromEndpoint(_ packet: DescribedPacket) -> Bool {
    packet.number == .udp && packet.hasPorts
      && policy.endpoints.contains {
        $0.value.endpoint == Endpoint(address: packet.source, port: packet.ports.source)
      }
  }

  /// Whether rule 1 says that the packet goes out; nil if it says nothing.
  private func recorded(_ packet: DescribedPacket) -> Bool? {
    guard let role, packet.direction != .unknown else { return nil }
    return (packet.direction == .outgoing) == (role == .nic)
  }

  private static let privateBlocks = [
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "0.0.0.0/32", "fc00::/7",
    "fe80::/10",
    "::1/128", "::/128",
  ].map(prefix)

  private func isPrivate(_ address: IPAddress) -> Bool {
    Self.privateBlocks.contains { $0.contains(address) }
      || policy.tunnelAddresses.contains { $0.value == address } || listed(policy.local, address)
  }

  private func isGroup(_ address: IPAddress) -> Bool {
    ["224.0.0.0/4", "255.255.255.255/32", "ff00::/8"].map(prefix).contains { $0.contains(address) }
  }

  private func listed(_ prefixes: [Stated<IPPrefix>], _ address: IPAddress) -> Bool {
    prefixes.contains { $0.value.contains(address) }
  }

  private func isEndpoint(_ address: IPAddress) -> Bool {
    policy.endpoints.contains { $0.value.endpoint.address == address }
  }

  // Section 2.

  private mutating func egress(_ packet: DescribedPacket) -> String {
    let protocolKnown = packet.visible >= 0
    // Step 2.
    if isEndpoint(packet.destination) {
      if !protocolKnown { return "leak undecodable" }
      if packet.number != .udp { return "leak endpoint-bypass" }
      if !packet.hasPorts { return "leak undecodable" }
      guard
        let there = policy.endpoints.first(where: {
          $0.value.endpoint == Endpoint(address: packet.destination, port: packet.ports.destination)
        })
      else { return "leak endpoint-bypass" }
      return shape(packet, there.value.shape)
    }
    // Step 3.
    if policy.tunnelAddresses.contains(where: { $0.value == packet.source }) { return "leak tunnel-address" }
    // Step 4.
    if !policy.servedPorts.isEmpty {
      if !protocolKnown || packet.number == .udp && !packet.hasPorts { return "leak undecodable" }
      if packet.number == .udp, policy.servedPorts.contains(where: { $0.value == packet.ports.source }) {
        let shape = shape(packet, .wireGuard)
        if shape == "leak undecodable" { return shape }
        if shape.hasPrefix("tunnel"), isServed(packet) { return "tunnel served" }
      }
    }
    // Step 5: the generator's only rule names a destination.
    if !policy.allowRules.isEmpty, packet.destination == RandomPackets.allowed { return "allowed rule 0" }
    // Step 6.
    if ["127.0.0.0/8", "::1/128"].map(prefix).contains(where: { $0.contains(packet.destination) }) {
      return "local loopback"
    }
    if !protocolKnown || packet.isPortProtocol && !packet.hasPorts { return "leak undecodable" }
    if packet.isPortProtocol, [53, 853].contains(packet.ports.destination) {
      if let index = policy.resolvers.firstIndex(where: { $0.value == packet.destination }) {
        return "allowed resolver \(index)"
      }
      return packet.ports.destination == 53 ? "leak dns" : packet.number == .tcp ? "leak dot" : "leak doq"
    }
    // Step 7.
    if policy.tunnelResolvers.contains(where: { $0.value == packet.destination }) { return "leak tunnel-destination" }
    // Steps 8 and 9.
    if let local = local(packet) {
      return local == "undeclared" && policy.strictLocal ? "leak other" : "local \(local)"
    }
    return isGroup(packet.destination) ? "leak multicast" : "leak other"
  }

  /// Notes who calls a served port, and the index that is offered there.
  private mutating func call(_ packet: DescribedPacket) {
    let port = packet.ports.destination
    guard packet.number == .udp, packet.part != .later, packet.visible >= 20, !isGroup(packet.source),
      policy.servedPorts.contains(where: { $0.value == port }), shape(packet, .wireGuard).hasPrefix("tunnel")
    else { return }
    let server = "\(packet.destination) \(port)"
    called.insert("\(packet.source) \(packet.ports.source) \(server)")
    // A server of which nothing is known begins no handshake, so no response comes in to one.
    let index = "\(Array(packet.payload[4..<8])) \(server)"
    let place = "\(packet.source) \(packet.ports.source)"
    switch packet.payload[0] {
    case 1: if offered[index]?.isEstablished != true { offered[index] = Call(place: place) }
    // Its peer may move, which it shows by the server's own index.
    case 4: if let partner = partners[index] { offered[partner]?.place = place }
    default: break
    }
  }

  /// Step 4, if neither address nor MAC of the gateway is known: only a handshake that was seen counts.
  private mutating func isServed(_ packet: DescribedPacket) -> Bool {
    let port = packet.ports.source
    let server = "\(packet.source) \(port)"
    guard packet.visible >= 20, called.contains("\(packet.destination) \(packet.ports.destination) \(server)") else {
      return false
    }
    // Only to where its peer is.
    func call(at offset: Int) -> (index: String, isEstablished: Bool)? {
      let index = "\(Array(packet.payload[offset..<offset + 4])) \(server)"
      guard let call = offered[index], call.place == "\(packet.destination) \(packet.ports.destination)" else {
        return nil
      }
      return (index, call.isEstablished)
    }
    switch packet.payload[0] {
    case 2:
      guard let (index, _) = call(at: 8) else { return false }
      offered[index]?.isEstablished = true
      partners["\(Array(packet.payload[4..<8])) \(server)"] = index
      return true
    case 3: return call(at: 4) != nil
    case 4: return call(at: 4)?.isEstablished == true
    default: return false
    }
  }

  private func shape(_ packet: DescribedPacket, _ shape: TunnelEndpoint.Shape) -> String {
    if shape == .any { return "tunnel unchecked" }
    if packet.visible < 8 { return "leak undecodable" }
    let length = packet.statedLength
    if length < 32 { return "leak not-wireguard" }
    if packet.visible < 12 { return "leak undecodable" }
    if shape == .wireGuard, packet.payload[1...3] != [0, 0, 0] { return "leak not-wireguard" }
    switch (packet.payload[0], length) {
    case (1, 148): return "tunnel initiation"
    case (2, 92): return "tunnel response"
    case (3, 64): return "tunnel cookie"
    case (4, 32): return "tunnel keepalive"
    case (4, _): return "tunnel data"
    default: return "leak not-wireguard"
    }
  }

  private func local(_ packet: DescribedPacket) -> String? {
    let to = packet.destination
    func lies(_ blocks: String...) -> Bool { blocks.map(prefix).contains { $0.contains(to) } }
    if to.isUnspecified { return nil }
    if lies("127.0.0.0/8", "::1/128") { return "loopback" }
    if lies("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7") {
      return listed(policy.local + policy.audited, to) ? "private" : "undeclared"
    }
    if lies("169.254.0.0/16", "fe80::/10") { return "link-local" }
    let group = "\(to) \(packet.number == .udp && packet.hasPorts ? packet.ports.destination : 0)"
    let names = [
      "224.0.0.251 5353", "ff02::fb 5353", "ff05::fb 5353", "224.0.0.252 5355", "ff02::1:3 5355", "255.255.255.255 137",
    ]
    if names.contains(group) { return "name-discovery" }
    if lies("255.255.255.255/32") { return "broadcast" }
    let scope = to.high >> 48 & 15
    if lies("224.0.0.0/24", "239.0.0.0/8") || lies("ff00::/8") && [1, 2, 3, 4, 5, 8].contains(scope) {
      return "multicast"
    }
    return listed(policy.local, to) ? "private" : nil
  }

  /// A later fragment whose first was not seen: steps 3 and 7, then its addresses.
  private func orphan(_ packet: DescribedPacket) -> String {
    if policy.tunnelAddresses.contains(where: { $0.value == packet.source }) { return "leak tunnel-address" }
    if policy.tunnelResolvers.contains(where: { $0.value == packet.destination }) { return "leak tunnel-destination" }
    if isEndpoint(packet.destination) { return "leak fragment" }
    guard let local = local(packet), !(local == "undeclared" && policy.strictLocal) else { return "leak fragment" }
    return "local \(local)"
  }
}
