import Wire

/// Reassembles the beginnings of leaking TCP connections, to read what clients say there in clear: TLS, HTTP,
/// BitTorrent, and all queries of DNS.
///
/// Bounded: the latest `RecentFlows.limit` connections of DNS and as many others, `StreamBytes.limit` bytes of each.
/// What does not fit is not read, so only the name is missing. A connection that begins as nothing known is given up at
/// its first bytes.
struct ClientStreams: Sendable {
  private struct Stream: Sendable {
    /// The sequence number of the first byte that is not read yet.
    var start: UInt32
    var bytes = StreamBytes()
    /// Whether it was read, or given up: later segments only matter if they begin something new.
    var isOver = false
  }

  private var streams = RecentFlows<Stream>()
  private var queries = RecentFlows<DNSStream>()

  /// Reads what the segment completes.
  mutating func follow(_ seen: borrowing Sighting) -> ClearText {
    guard let flow = FlowKey(seen.packet) else { return ClearText() }
    let key = RecentFlowKey(interface: seen.interface, flow: flow)
    // The whole header was captured: RFC 9293 section 3.1.
    var sequence = seen.frame.bytes.uint32(at: Int(seen.packet.transportOffset) + 4)
    let payload = seen.payload
    // SYN takes a sequence number (section 3.4).
    if seen.packet.flagsOrType & 0x02 != 0 { sequence &+= 1 }
    if seen.packet.destinationPort == 53 { return followQueries(seen.packet, sequence, payload, key) }
    if seen.packet.flagsOrType & 0x02 != 0 {
      let known = streams.position(of: key)
      if known.map({ streams[$0].start != sequence }) ?? true { streams.insert(Stream(start: sequence), key) }
    }
    guard payload.byteCount > 0 else { return ClearText() }
    if let position = streams.position(of: key), !streams[position].isOver {
      let offset = Int(Int32(bitPattern: sequence &- streams[position].start))
      if offset.magnitude < StreamBytes.limit {
        streams[position].bytes.insert(payload.extracting(droppingFirst: max(0, -offset)), at: max(0, offset))
        return readBeginning(position)
      }
    }
    guard Self.beginsAnything(payload) else { return ClearText() }
    let position = streams.insert(Stream(start: sequence), key)
    streams[position].bytes.insert(payload, at: 0)
    return readBeginning(position)
  }

  private mutating func readBeginning(_ position: Int) -> ClearText {
    let bytes = streams[position].bytes
    switch Self.read(bytes.beginning) {
    case .needsMore:
      if bytes.count == StreamBytes.limit { end(position) }
      return ClearText()
    case .other:
      end(position)
      return ClearText()
    case .whole(let details):
      end(position)
      return ClearText(details)
    }
  }

  private mutating func end(_ position: Int) {
    streams[position].isOver = true
    streams[position].bytes = StreamBytes()
  }

  /// Reads what clients say first, by protocol.
  private static func read(_ beginning: RawSpan) -> StreamReading<[LeakDetail]> {
    var isOpen = false
    switch TLSClientHello.read(records: beginning) {
    case .whole(let hello): return .whole(LeakDetail.list(hello))
    case .needsMore: isOpen = true
    case .other: break
    }
    switch HTTPRequestHead.read(beginning) {
    case .whole(let head):
      let host = head.host.map { [LeakDetail(.serverName, $0)] } ?? []
      return .whole(host + BitTorrent.infoHashes(trackerTarget: head.target).map { LeakDetail(.infoHash, $0) })
    case .needsMore: isOpen = true
    case .other: break
    }
    switch BitTorrent.read(handshake: beginning) {
    case .whole(let hash): return .whole([LeakDetail(.infoHash, hash)])
    case .needsMore: isOpen = true
    case .other: break
    }
    return isOpen ? .needsMore : .other
  }

  static func beginsAnything(_ payload: RawSpan) -> Bool {
    guard firstBytes.contains(payload.uint8(at: 0)) else { return false }
    if case .other = read(payload) { return false } else { return true }
  }

  /// The first bytes that at least one of the readers accepts.
  private static let firstBytes = Set(
    (UInt8.min ... .max).filter { if case .other = read([$0].view) { false } else { true } })

  /// Whether a flow's beginning is still being read.
  func isReading(_ key: RecentFlowKey) -> Bool {
    streams.position(of: key).map { !streams[$0].isOver } ?? false
  }

  // MARK: DNS

  private mutating func followQueries(
    _ packet: DecodedPacket, _ sequence: UInt32, _ payload: RawSpan, _ key: RecentFlowKey
  ) -> ClearText {
    let flags = packet.flagsOrType
    // A reset may carry any sequence number.
    guard flags & 0x04 == 0 else { return ClearText() }
    var position = queries.position(of: key)
    if flags & 0x02 != 0, position.map({ queries[$0].origin != sequence }) ?? true {
      position = queries.insert(DNSStream(at: sequence, isWhole: true), key)
    }
    if position.map({ !queries[$0].canHold(sequence) }) ?? true {
      guard payload.byteCount > 0 else { return ClearText() }
      position = queries.insert(DNSStream(at: sequence, isWhole: false), key)
    }
    guard let position else { return ClearText() }
    return queries[position].follow(
      sequence, payload, length: Int(packet.payloadLength), isLast: flags & 0x01 != 0)
  }
}
