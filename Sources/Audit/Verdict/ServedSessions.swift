import Policy
import Wire

/// Sessions of a WireGuard server in the gateway's namespace (CONTRACT 2, step 4): the peers that it may answer.
///
/// Its packets belong to the tunnel only if a handshake went through its port, or, if the session is older than the
/// audit, if the peer's messages came first. They must go to where the peer is. A peer may move (whitepaper section
/// 2.1): a message from it with the server's own index shows that. Bounded; packets of a forgotten session are leaks.
struct ServedSessions: ~Copyable {
  private struct Peer: TableKey {
    var address: IPAddress
    /// The server's address on this interface: another container with the same port is another server.
    var server: IPAddress
    var port: UInt16
    var servedPort: UInt16

    func mix(into hash: inout KeyHash) {
      hash.mix(address.low, address.high)
      hash.mix(server.low, server.high)
      hash.mix(UInt64(port) << 16 | UInt64(servedPort))
    }
  }

  /// An index that one side has chosen, and the served port of its session.
  private struct Index: TableKey {
    var value: UInt32
    var server: IPAddress
    var servedPort: UInt16
    var isPeers: Bool

    func mix(into hash: inout KeyHash) {
      hash.mix(server.low, server.high)
      hash.mix(UInt64(value), UInt64(servedPort) << 1 | (isPeers ? 1 : 0))
    }
  }

  /// A session, found by either of its two indices.
  private struct Session: BitwiseCopyable {
    /// Whether the other side's response has answered the initiation that offered the index.
    var isEstablished = false
    /// Where the peer is.
    var address: IPAddress
    var port: UInt16
    /// The other side's index; zero if it is not known yet.
    var partner: UInt32 = 0

    func isAt(_ packet: DecodedPacket) -> Bool { address == packet.destination && port == packet.destinationPort }
  }

  private let ports: [UInt16]
  private var peers: BoundedTable<Peer, UInt8>
  private var indices: BoundedTable<Index, Session>
  /// For each server address, the station that sent the latest response to a handshake.
  private var stations: [IPAddress: MACAddress] = [:]
  private static var maximumStations: Int { 256 }
  /// Packets of sessions that are older than the audit.
  private(set) var unproven = 0

  init(_ ports: [UInt16], seed: UInt64) {
    self.ports = ports
    peers = BoundedTable(capacity: 1 << 12, seed: seed)
    indices = BoundedTable(capacity: 1 << 12, seed: seed)
  }

  var isEmpty: Bool { ports.isEmpty }

  func serves(_ port: UInt16) -> Bool { ports.contains(port) }

  /// Notes a packet that comes in at a served port.
  mutating func noteIncoming(_ seen: borrowing Sighting) {
    guard seen.packet.protocolNumber == .udp, seen.packet.transport == .header, seen.packet.fragment != .later,
      serves(seen.packet.destinationPort),
      // No group sends: a made-up packet from one would make it a peer.
      !AddressScope(seen.packet.source).isGroup
    else { return }
    let message = seen.payload
    guard message.byteCount >= 12,
      let kind = WireGuardMessage(firstWord: message.uint32(at: 0), payloadLength: Int(seen.packet.payloadLength))
    else { return }
    let port = seen.packet.destinationPort
    let server = seen.packet.destination
    func index(_ offset: Int, isPeers: Bool) -> Index {
      Index(value: message.uint32(at: offset), server: server, servedPort: port, isPeers: isPeers)
    }
    peers.insert(Peer(address: seen.packet.source, server: server, port: seen.packet.sourcePort, servedPort: port), 0)
    var session = Session(address: seen.packet.source, port: seen.packet.sourcePort)
    switch kind {
    case .initiation:
      let offered = index(4, isPeers: true)
      if indices.find(offered)?.isEstablished != true { indices.insert(offered, session) }
    case .response:
      // This answers an initiation by the server itself.
      let own = index(8, isPeers: false)
      guard indices.find(own) != nil else { return }
      establish(own, index(4, isPeers: true), &session)
    case .data:
      let own = index(4, isPeers: false)
      guard let known = indices.find(own), known.isEstablished else { return }
      establish(own, Index(value: known.partner, server: server, servedPort: port, isPeers: true), &session)
    case .cookie: break
    }
  }

  private mutating func establish(_ own: Index, _ peers: Index, _ session: inout Session) {
    session.isEstablished = true
    session.partner = peers.value
    indices.insert(own, session)
    session.partner = own.value
    indices.insert(peers, session)
  }

  /// Whether an outgoing message from a served port belongs to a session, or begins one with a peer that sent before.
  /// `station`: the sender, if the link shows it. `acceptsOlder`: the gateway is known to have sent it, and sessions
  /// older than the audit are accepted.
  mutating func noteOutgoing(
    _ kind: TunnelKind, _ packet: DecodedPacket, _ message: RawSpan, from station: MACAddress?, acceptsOlder: Bool
  ) -> Bool {
    let port = packet.sourcePort
    let server = packet.source
    guard message.byteCount >= 12,
      peers.find(Peer(address: packet.destination, server: server, port: packet.destinationPort, servedPort: port))
        != nil
    else { return false }
    func index(_ offset: Int, isPeers: Bool) -> Index {
      Index(value: message.uint32(at: offset), server: server, servedPort: port, isPeers: isPeers)
    }
    switch kind {
    case .response:
      let offered = index(8, isPeers: true)
      guard let known = indices.find(offered), known.isAt(packet) else { return false }
      var session = known
      establish(index(4, isPeers: false), offered, &session)
      if let station, stations[server] != nil || stations.count < Self.maximumStations { stations[server] = station }
      return true
    case .cookie: return indices.find(index(4, isPeers: true))?.isAt(packet) == true
    case .initiation:
      guard acceptsOlder, isStation(station, of: server) else { return false }
      indices.insert(
        index(4, isPeers: false), Session(address: packet.destination, port: packet.destinationPort))
      return true
    case .data, .keepalive:
      guard isStation(station, of: server) else { return false }
      if let session = indices.find(index(4, isPeers: true)), session.isEstablished { return session.isAt(packet) }
      if acceptsOlder { unproven &+= 1 }
      return acceptsOlder
    case .served, .fragment, .unchecked, .openVPN, .junk: return false
    }
  }

  private func isStation(_ station: MACAddress?, of server: IPAddress) -> Bool {
    guard let station, let known = stations[server] else { return true }
    return station == known
  }
}
