/// CONTRACT 1 and 2 written a second time, from the contract alone and over tshark's fields alone.
///
/// It is slow, forgets nothing and shares no code with the program; what both say about a frame is right or wrong
/// for different reasons.
struct OracleClassifier {
  struct Policy {
    var endpoints: [(address: OracleAddress, port: Int)] = []
    var tunnelAddresses: [OracleAddress] = []
    var tunnelResolvers: [OracleAddress] = []
    var resolvers: [OracleAddress] = []
    var local: [String] = []
    var audited: [String] = []
    var auditedOnly = false
    var strictLocal = false
  }

  /// A class and its kind; the kind is nil for ingress, and "label" for a leak that the rule pack names.
  struct Answer: Equatable {
    var verdict: String
    var kind: String?
    static let ingress = Self(verdict: "ingress", kind: nil)
    static func leak(_ kind: String) -> Self { Self(verdict: "leak", kind: kind) }
    static func local(_ kind: String) -> Self { Self(verdict: "local", kind: kind) }
    static func tunnel(_ kind: String) -> Self { Self(verdict: "tunnel", kind: kind) }
  }

  let policy: Policy
  private var flows: Set<[String]> = []
  private var firsts: [[String]: (answer: Answer, time: Double)] = [:]
  private var stations = OracleStations()
  /// Interfaces without link-layer addresses that showed an Endpoint's packets.
  private var uplinks: Set<String> = []

  init(_ policy: Policy) { self.policy = policy }

  mutating func classify(_ frame: TsharkFrame) -> Answer {
    guard let packet = OraclePacket(frame) else {
      return stations.direction(frame) == false ? .ingress : Self.withoutIP(frame)
    }
    if isInner(frame, packet) { return Answer(verdict: "ingress", kind: "inner") }
    let known = stations.direction(frame, packet, self)
    var isEgress = known ?? isEgress(packet)
    if !isEgress, known == nil { stations.noteIncoming(frame, packet) }
    if isEgress, !packet.flow.isEmpty { flows.insert(packet.flow) }
    if packet.isLaterFragment {
      func first(_ goesOut: Bool) -> Answer? {
        guard let first = firsts[packet.fragmentKey + ["\(goesOut)"]], packet.time - first.time <= 60 else {
          return nil
        }
        return first.answer
      }
      if let answer = first(isEgress) { return answer }
      // Between public addresses the ports that would show a direction are in the first fragment.
      if isEgress, known == nil, !isDecidedByAddresses(packet), first(false) != nil { isEgress = false }
    }
    let answer: Answer
    if !isEgress {
      answer = .ingress
    } else if packet.isLaterFragment {
      answer = orphan(packet)
    } else {
      answer = egress(packet)
    }
    if packet.isFirstFragment {
      firsts[packet.fragmentKey + ["\(isEgress)"]] = (
        answer.verdict == "tunnel" ? .tunnel("fragment") : answer, packet.time
      )
    }
    return answer
  }

  /// The tunnel's inside (CONTRACT 1): raw IP from or to a tunnel address, where no Endpoint's packet was seen.
  private mutating func isInner(_ frame: TsharkFrame, _ packet: OraclePacket) -> Bool {
    guard frame.layers.first == "raw" else { return false }
    let interface = frame["frame.interface_id"].first ?? ""
    if policy.tunnelAddresses.contains(packet.source) || policy.tunnelAddresses.contains(packet.destination) {
      return !uplinks.contains(interface)
    }
    func isEndpoint(_ address: OracleAddress, _ port: Int?) -> Bool {
      packet.transport == .udp && policy.endpoints.contains { $0.address == address && $0.port == port }
    }
    if isEndpoint(packet.source, packet.sourcePort) || isEndpoint(packet.destination, packet.destinationPort) {
      uplinks.insert(interface)
    }
    return false
  }

  private static func withoutIP(_ frame: TsharkFrame) -> Answer {
    let linkProtocols = [0x0806, 0x8035, 0x88CC, 0x888E, 0x8863, 0x8809, 0x9000, 0x8870]
    let inner = frame["vlan.etype"].last ?? frame["eth.type"].last
    let type = (inner ?? frame["sll.etype"].last).flatMap(hexadecimal)
    let ppp = frame["ppp.protocol"].last.flatMap(hexadecimal)
    if let type, linkProtocols.contains(type) { return .local("link-layer") }
    if let ppp, [0xC021, 0x8021, 0x8057, 0xC023, 0xC223].contains(ppp) { return .local("link-layer") }
    return frame["llc.dsap"].isEmpty ? .leak("undecodable") : .local("link-layer")
  }

  private static func hexadecimal(_ text: String) -> Int? {
    text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
  }

  // MARK: Direction (CONTRACT 1; no capture here has roles)

  /// Whether rules 3 and 4 have an answer.
  private func isDecidedByAddresses(_ packet: OraclePacket) -> Bool {
    policy.auditedOnly || policy.audited.contains { packet.source.isIn($0) || packet.destination.isIn($0) }
      || isPrivate(packet.source) || isPrivate(packet.destination) || packet.destination.isMulticast
      || packet.destination.isBroadcast
  }

  func isTunnelMessage(_ packet: OraclePacket) -> Bool {
    policy.endpoints.contains { $0.address == packet.destination } && toEndpoint(packet).verdict == "tunnel"
  }

  func isPublicUnicast(_ address: OracleAddress) -> Bool {
    !isPrivate(address) && !address.isMulticast && !address.isBroadcast
  }

  private func isEgress(_ packet: OraclePacket) -> Bool {
    if !policy.audited.isEmpty {
      if policy.audited.contains(where: packet.source.isIn) { return true }
      if policy.auditedOnly || policy.audited.contains(where: packet.destination.isIn) { return false }
    }
    if packet.transport == .udp,
      policy.endpoints.contains(where: { $0.address == packet.source && $0.port == packet.sourcePort })
    {
      return false
    }
    if packet.destination.isMulticast || packet.destination.isBroadcast { return true }
    if isPrivate(packet.source) { return true }
    if isPrivate(packet.destination) { return false }
    if packet.isICMPError { return packet.quotedFlow.map { !flows.contains($0) } ?? true }
    return !flows.contains(packet.reversedFlow)
  }

  private func isDeclared(_ address: OracleAddress) -> Bool {
    (policy.local + policy.audited).contains(where: address.isIn)
  }

  private func isPrivate(_ address: OracleAddress) -> Bool {
    address.isSiteLocal || address.isLinkLocal || address.isLoopback || address.isUnspecified
      || policy.tunnelAddresses.contains(address) || isDeclared(address)
  }

  // MARK: Verdict (CONTRACT 2, by its numbers)

  private func egress(_ packet: OraclePacket) -> Answer {
    // 2
    if policy.endpoints.contains(where: { $0.address == packet.destination }) { return toEndpoint(packet) }
    // 3
    if policy.tunnelAddresses.contains(packet.source) { return .leak("tunnel-address") }
    // 6
    if packet.destination.isLoopback { return .local("loopback") }
    if packet.transport == .unknown { return .leak("undecodable") }
    if packet.transport == .udp || packet.transport == .tcp {
      guard let port = packet.destinationPort else { return .leak("undecodable") }
      if port == 53 || port == 853 {
        if policy.resolvers.contains(packet.destination) {
          return Answer(verdict: "allowed", kind: "resolver:\(packet.destinationText)")
        }
        return .leak(port == 53 ? "dns" : packet.transport == .tcp ? "dot" : "doq")
      }
    }
    // 7
    if policy.tunnelResolvers.contains(packet.destination) { return .leak("tunnel-destination") }
    // 8
    if let kind = localKind(packet) {
      return isRefused(packet.destination) ? .leak("label") : .local(kind)
    }
    return .leak(packet.destination.isMulticast ? "multicast" : "label")
  }

  private func toEndpoint(_ packet: OraclePacket) -> Answer {
    if packet.transport == .unknown { return .leak("undecodable") }
    guard packet.transport == .udp else { return .leak("endpoint-bypass") }
    guard let port = packet.destinationPort else { return .leak("undecodable") }
    guard policy.endpoints.contains(where: { $0.address == packet.destination && $0.port == port }) else {
      return .leak("endpoint-bypass")
    }
    guard let length = packet.datagramLength else { return .leak("undecodable") }
    guard length >= 32 else { return .leak("not-wireguard") }
    guard let beginning = packet.payloadBeginning else { return .leak("undecodable") }
    switch (beginning, length) {
    case ("01000000", 148): return .tunnel("initiation")
    case ("02000000", 92): return .tunnel("response")
    case ("03000000", 64): return .tunnel("cookie")
    case ("04000000", 32): return .tunnel("keepalive")
    case ("04000000", _): return .tunnel("data")
    default: return .leak("not-wireguard")
    }
  }

  private func orphan(_ packet: OraclePacket) -> Answer {
    if policy.tunnelAddresses.contains(packet.source) { return .leak("tunnel-address") }
    if policy.tunnelResolvers.contains(packet.destination) { return .leak("tunnel-destination") }
    if policy.endpoints.contains(where: { $0.address == packet.destination }) { return .leak("fragment") }
    if isRefused(packet.destination) { return .leak("fragment") }
    return localKind(packet).map(Answer.local) ?? .leak("fragment")
  }

  /// `--strict-local` turns undeclared private space into leaks.
  private func isRefused(_ address: OracleAddress) -> Bool {
    policy.strictLocal && address.isSiteLocal && !isDeclared(address)
  }

  /// mDNS (RFC 6762) in any scope, LLMNR (RFC 4795), NetBIOS by broadcast.
  private static func isNameDiscovery(_ packet: OraclePacket) -> Bool {
    guard packet.transport == .udp, let port = packet.destinationPort else { return false }
    let group = packet.destination
    switch port {
    case 5353: return group.isIn("224.0.0.251/32") || group.isMulticastDNS
    case 5355: return group.isIn("224.0.0.252/32") || group.isIn("ff02::1:3/128")
    case 137, 138: return group.isBroadcast
    default: return false
    }
  }

  private func localKind(_ packet: OraclePacket) -> String? {
    let destination = packet.destination
    if destination.isBroadcast || destination.isLocalMulticast {
      return Self.isNameDiscovery(packet) ? "name-discovery" : destination.isBroadcast ? "broadcast" : "multicast"
    }
    if destination.isSiteLocal { return "private" }
    if destination.isLinkLocal { return "link-local" }
    if destination.isLoopback { return "loopback" }
    // Public space is on the premises only if `--local` says so, not because it is audited.
    return policy.local.contains(where: destination.isIn) && !destination.isUnspecified ? "private" : nil
  }
}
