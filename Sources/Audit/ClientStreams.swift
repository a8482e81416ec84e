import Wire

/// Puts together the beginnings of leaking TCP connections, for what clients say there in clear: TLS, HTTP, BitTorrent, and
/// all queries of DNS.
///
/// Bounded: the latest `RecentFlows.limit` connections, `StreamBytes.limit` bytes of each. What does not fit is not read, so
/// the name is only missing. A connection that begins as nothing known is given up at its first bytes.
struct ClientStreams: Sendable {
  private struct Stream: Sendable {
    /// The sequence number of the first byte that is not read yet.
    var start: UInt32
    var bytes = StreamBytes()
    /// Read, or given up: what follows is looked at only where it begins something anew.
    var isOver = false
  }

  private var streams = RecentFlows<Stream>()

  /// What the segment completes.
  mutating func follow(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame, interface: Int) -> ClearText {
    guard let flow = FlowKey(packet) else { return ClearText() }
    let key = RecentFlows<Stream>.Key(interface: interface, flow: flow)
    // The whole header was captured: RFC 9293 section 3.1.
    var sequence = frame.bytes.uint32(at: Int(packet.transportOffset) + 4)
    let payload = packet.payload(frame)
    if packet.flagsOrType & 0x02 != 0 {
      // SYN takes a sequence number (section 3.4).
      sequence &+= 1
      let known = streams.position(of: key)
      if known.map({ streams[$0].start != sequence }) ?? true { streams.insert(Stream(start: sequence), key) }
    }
    guard payload.byteCount > 0 else { return ClearText() }
    let asksDNS = packet.destinationPort == 53
    if let position = streams.position(of: key), !streams[position].isOver {
      let offset = Int(Int32(bitPattern: sequence &- streams[position].start))
      if abs(offset) < StreamBytes.limit {
        streams[position].bytes.insert(payload.extracting(droppingFirst: max(0, -offset)), at: max(0, offset))
        let hasGap = offset > streams[position].bytes.count
        var text = asksDNS ? readQueries(position) : readBeginning(position)
        // Without what is missing, at least the query that begins here.
        if asksDNS, hasGap || isCut(packet, payload), beginsQuery(payload) { text.add(query: Self.query(payload)) }
        return text
      }
    }
    guard asksDNS ? beginsQuery(payload) : Self.beginsAnything(payload) else { return ClearText() }
    let position = streams.insert(Stream(start: sequence), key)
    streams[position].bytes.insert(payload, at: 0)
    var text = asksDNS ? readQueries(position) : readBeginning(position)
    if asksDNS, isCut(packet, payload) { text.add(query: Self.query(payload)) }
    return text
  }

  private func isCut(_ packet: DecodedPacket, _ payload: RawSpan) -> Bool {
    payload.byteCount < Int(packet.payloadLength)
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

  /// What clients say first, by protocol.
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

  private static func beginsAnything(_ payload: RawSpan) -> Bool {
    if case .other = read(payload) { false } else { true }
  }

  // MARK: DNS (RFC 1035 section 4.2.2: each message behind its length)

  /// Takes all whole messages off the stream.
  private mutating func readQueries(_ position: Int) -> ClearText {
    var text = ClearText()
    let bytes = streams[position].bytes
    let beginning = bytes.beginning
    var end = 0
    while end + 2 <= beginning.byteCount {
      let length = Int(beginning.uint16(at: end))
      guard length >= 12, 2 + length <= StreamBytes.limit else {
        self.end(position)
        return text
      }
      guard end + 2 + length <= beginning.byteCount else { break }
      text.add(query: beginning.extracting(end + 2..<end + 2 + length))
      end += 2 + length
    }
    guard end > 0 else { return text }
    streams[position].bytes.removeFirst(end)
    streams[position].start &+= UInt32(end)
    return text
  }

  private func beginsQuery(_ payload: RawSpan) -> Bool {
    DNSQuestions(message: Self.query(payload)).map { !$0.isResponse && !$0.list.isEmpty } ?? false
  }

  @_lifetime(copy bytes)
  private static func query(_ bytes: RawSpan) -> RawSpan {
    let length = bytes.byteCount >= 2 ? Int(bytes.uint16(at: 0)) : 0
    return bytes.extracting(droppingFirst: 2).extracting(first: length)
  }
}
