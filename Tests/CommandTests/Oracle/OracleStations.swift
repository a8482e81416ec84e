/// Direction rule 2 of the contract written a second time, over tshark's fields: the stations on a link that proved to
/// be of the audited side.
struct OracleStations {
  private var taken: Set<String> = []
  private var nextHops: Set<String> = []
  private var incoming: Set<[String]> = []
  /// When the first packet came whose station was not known to be audited, by interface.
  private var begin: [String: Double] = [:]

  private func isAudited(_ station: String) -> Bool { taken.contains(station) && !nextHops.contains(station) }

  /// The stations of a frame, per interface; the destination's is nil for groups and if the link does not show it.
  private static func stations(_ frame: TsharkFrame) -> (from: String, to: String?)? {
    guard let source = frame["eth.src"].first ?? frame["sll.src.eth"].first, source != "00:00:00:00:00:00" else {
      return nil
    }
    let interface = frame["frame.interface_id"].first ?? "0"
    let destination = frame["eth.dst"].first.flatMap { address in
      Int(address.prefix(2), radix: 16).map { $0 & 1 == 1 } == false && address != "00:00:00:00:00:00" ? address : nil
    }
    return ("\(interface) \(source)", destination.map { "\(interface) \($0)" })
  }

  /// Whether a frame without an IP header goes out; nil if nothing shows it.
  func direction(_ frame: TsharkFrame) -> Bool? {
    guard let (from, to) = Self.stations(frame) else { return nil }
    if isAudited(from) { return true }
    return to.map(isAudited) == true ? false : nil
  }

  mutating func direction(_ frame: TsharkFrame, _ packet: OraclePacket, _ classifier: OracleClassifier) -> Bool? {
    guard let (from, to) = Self.stations(frame) else { return nil }
    let interface = String(from.prefix { $0 != " " })
    if !isAudited(from) {
      begin[interface] = begin[interface] ?? packet.time
      if shows(frame, packet, classifier, isEarly: abs(packet.time - (begin[interface] ?? 0)) <= 30) {
        if !nextHops.contains(from) {
          taken.insert(from)
        } else if let to, isAudited(to) {
          nextHops.insert(to)
        }
      }
    }
    if isAudited(from) {
      if let to, classifier.isPublicUnicast(packet.destination) { nextHops.insert(to) }
      return true
    }
    let leaves =
      packet.source.isSiteLocal && classifier.isPublicUnicast(packet.destination)
      && !classifier.policy.endpoints.contains { $0.address == packet.source }
    return to.map(isAudited) == true && !leaves ? false : nil
  }

  mutating func noteIncoming(_ frame: TsharkFrame, _ packet: OraclePacket) {
    if Self.stations(frame) != nil, !packet.flow.isEmpty { incoming.insert(packet.flow) }
  }

  /// Whether the sender opens a flow from private space to a public address, or sends the tunnel's own.
  private func shows(
    _ frame: TsharkFrame, _ packet: OraclePacket, _ classifier: OracleClassifier, isEarly: Bool
  ) -> Bool {
    guard !packet.isLaterFragment else { return false }
    if classifier.isTunnelMessage(packet) { return true }
    guard packet.source.isSiteLocal, classifier.isPublicUnicast(packet.destination),
      !classifier.policy.endpoints.contains(where: { $0.address == packet.source }), !packet.flow.isEmpty,
      !incoming.contains(packet.reversedFlow)
    else { return false }
    let isFromService =
      isEarly
      && ((packet.sourcePort ?? 0) < 1024 && (packet.destinationPort ?? 0) >= 1024
        || packet.sourcePort == 67 && packet.destinationPort == 68)
    switch packet.transport {
    case .tcp:
      guard let flags = frame["tcp.flags"].first.flatMap({ Int($0.dropFirst(2), radix: 16) }) else { return false }
      return flags & 0x12 == 0x02 || flags & 0x06 == 0 && !isFromService
    case .udp: return !isFromService
    case .icmp: return frame.number("icmp.type") == 8 || frame.number("icmpv6.type") == 128
    default: return true
    }
  }
}
