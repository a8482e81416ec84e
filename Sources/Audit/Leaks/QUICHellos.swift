import Cryptography
import Wire

/// Opens the first packets of leaking QUIC connections, to read which server the client names in them.
///
/// A hello with post-quantum key shares needs two datagrams, and clients scatter it over more. Bounded like
/// `ClientStreams`.
struct QUICHellos: Sendable {
  private struct Connection: Sendable {
    /// The keys of all Initial packets of a client come from its first packet's destination (RFC 9001 section 5.2).
    var keys: InitialKeys
    var destination: [UInt8]
    var version: UInt32
    var handshake = StreamBytes()
  }

  private var connections = RecentFlows<Connection>()

  /// How many packets of a datagram are looked at: clients have no reason for more, and each costs microseconds.
  private static var maximumPackets: Int { 8 }

  /// Reads what the datagram completes.
  mutating func follow(_ packet: DecodedPacket, _ payload: RawSpan, interface: Int) -> [LeakDetail] {
    guard let flow = FlowKey(packet) else { return [] }
    let key = RecentFlows<Connection>.Key(interface: interface, flow: flow)
    var offset = 0
    var changed: Int?
    for _ in 0..<Self.maximumPackets {
      guard let header = QUICLongHeader(payload, at: offset) else { break }
      if header.kind == .initial, let position = add(header, payload, from: offset, key) { changed = position }
      offset = header.end
    }
    guard let changed else { return [] }
    let handshake = connections[changed].handshake
    guard case .whole(let hello) = TLSClientHello.read(handshake: handshake.beginning) else { return [] }
    return LeakDetail.list(hello)
  }

  /// The position of the connection that the packet adds to. Nil if it adds nothing, or was not sealed by a client.
  private mutating func add(
    _ header: QUICLongHeader, _ datagram: RawSpan, from start: Int, _ key: RecentFlows<Connection>.Key
  ) -> Int? {
    let bytes = datagram.extracting(start..<header.end)
    let destination = datagram.extracting(header.destination).copied
    let known = connections.position(of: key)
    if let known,
      let payload = connections[known].keys.open(bytes, packetNumberOffset: header.packetNumberOffset - start)
    {
      return collect(payload, known)
    }
    // Another connection from the same port, or the same after Retry (section 5.2).
    let isTried = known.map { connections[$0].destination == destination && connections[$0].version == header.version }
    guard isTried != true, let keys = InitialKeys(version: header.version, destinationConnectionID: destination),
      let payload = keys.open(bytes, packetNumberOffset: header.packetNumberOffset - start)
    else { return nil }
    let connection = Connection(keys: keys, destination: destination, version: header.version)
    return collect(payload, connections.insert(connection, key))
  }

  private mutating func collect(_ payload: [UInt8], _ position: Int) -> Int? {
    let frames = QUICCryptoFrames(payload.view)
    for piece in frames.list {
      connections[position].handshake.insert(payload.view.extracting(piece.range), at: piece.offset)
    }
    return frames.list.isEmpty ? nil : position
  }
}
