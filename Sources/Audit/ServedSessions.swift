import Wire

/// Sessions of a WireGuard server in the gateway's namespace (semantics 2, step 4): whom it may answer.
///
/// Its packets are the tunnel's only if a handshake went through its port, or, where the session is older than the audit, if the
/// peer's messages came first. Bounded; what is forgotten is a leak.
struct ServedSessions: ~Copyable {
  private struct Peer: TableKey {
    var address: IPAddress
    /// The server's address, as the interface shows it: another container with the port is another server.
    var server: IPAddress
    var port: UInt16
    var servedPort: UInt16

    func mix(into hash: inout KeyHash) {
      hash.mix(address.low, address.high)
      hash.mix(server.low, server.high)
      hash.mix(UInt64(port) << 16 | UInt64(servedPort))
    }
  }

  /// An index that a side has chosen, and the port through which it was told.
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

  private enum Stage: UInt8, BitwiseCopyable {
    /// An initiation carries it.
    case offered
    /// And the other side's response has answered it.
    case established
  }

  private let ports: [UInt16]
  private var peers: BoundedTable<Peer, UInt8>
  private var indices: BoundedTable<Index, Stage>
  /// Packets of sessions that are older than the audit.
  private(set) var unproven = 0

  init(_ ports: [UInt16], seed: UInt64) {
    self.ports = ports
    peers = BoundedTable(capacity: 1 << 12, seed: seed)
    indices = BoundedTable(capacity: 1 << 12, seed: seed)
  }

  var isEmpty: Bool { ports.isEmpty }

  func serves(_ port: UInt16) -> Bool { ports.contains(port) }

  /// Notes what comes in at a served port.
  mutating func noteIncoming(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) {
    guard packet.protocolNumber == .udp, packet.transport == .header, packet.fragment != .later,
      serves(packet.destinationPort)
    else { return }
    let message = packet.payload(frame)
    guard message.byteCount >= 12,
      let kind = WireGuardMessage(firstWord: message.uint32(at: 0), payloadLength: Int(packet.payloadLength))
    else { return }
    let port = packet.destinationPort
    let server = packet.destination
    peers.insert(Peer(address: packet.source, server: server, port: packet.sourcePort, servedPort: port), 0)
    switch kind {
    case .initiation: offer(message.uint32(at: 4), server, port, isPeers: true)
    case .response:
      // To an initiation of the server's own.
      guard indices.find(Index(value: message.uint32(at: 8), server: server, servedPort: port, isPeers: false)) != nil
      else { return }
      indices.insert(Index(value: message.uint32(at: 4), server: server, servedPort: port, isPeers: true), .established)
    case .cookie, .data: break
    }
  }

  private mutating func offer(_ value: UInt32, _ server: IPAddress, _ port: UInt16, isPeers: Bool) {
    let index = Index(value: value, server: server, servedPort: port, isPeers: isPeers)
    if indices.find(index) == nil { indices.insert(index, .offered) }
  }

  /// Whether a message that goes out from a served port is of a session, or begins one with a peer that called before.
  /// `acceptsOlder`: the gateway is known to have sent it, and sessions that are older than the audit will do.
  mutating func noteOutgoing(
    _ kind: TunnelKind, _ packet: DecodedPacket, _ message: RawSpan, acceptsOlder: Bool
  ) -> Bool {
    let port = packet.sourcePort
    let server = packet.source
    guard message.byteCount >= 12,
      peers.find(Peer(address: packet.destination, server: server, port: packet.destinationPort, servedPort: port))
        != nil
    else { return false }
    switch kind {
    case .initiation:
      guard acceptsOlder else { return false }
      offer(message.uint32(at: 4), server, port, isPeers: false)
      return true
    case .response:
      let index = Index(value: message.uint32(at: 8), server: server, servedPort: port, isPeers: true)
      guard indices.find(index) != nil else { return false }
      indices.insert(index, .established)
      return true
    case .cookie:
      return indices.find(Index(value: message.uint32(at: 4), server: server, servedPort: port, isPeers: true)) != nil
    case .data, .keepalive:
      if indices.find(Index(value: message.uint32(at: 4), server: server, servedPort: port, isPeers: true))
        == .established
      {
        return true
      }
      if acceptsOlder { unproven &+= 1 }
      return acceptsOlder
    case .served, .fragment, .unchecked: return false
    }
  }
}
