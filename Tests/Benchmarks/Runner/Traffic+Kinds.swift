import TestSupport
import Wire

/// Single packets, each of a kind.
extension Traffic {
  private static var tunnelEnds: Ends {
    Ends(
      source: Ends.container(2), destination: endpoint, sourcePort: 40_001, destinationPort: endpointPort)
  }

  /// An initiation and its response (WireGuard whitepaper sections 5.4.2 and 5.4.3).
  mutating func shakeHands() throws(Failure) {
    let session = isTagged ? 1 : 0 as UInt32
    begin(Self.tunnelEnds, .udp, length: 156)
    appendUDP(Self.tunnelEnds, length: 148)
    append(0x0100_0000 as UInt32)
    append(0x0A0B_0C1D + session)
    appendNoise(140)
    try send(.leaving, .tunnel, station: 2)
    begin(Self.tunnelEnds.reversed, .udp, length: 100)
    appendUDP(Self.tunnelEnds.reversed, length: 92)
    append(0x0200_0000 as UInt32)
    append(0x0A0B_0C0D + session)
    append(0x0A0B_0C1D + session)
    appendNoise(80)
    try send(.returning, .tunnel, station: 2)
  }

  /// A transport message of `blocks` times 16 bytes beside header and tag.
  mutating func tunnel(isSent: Bool, blocks: Int) throws(Failure) {
    let ends = isSent ? Self.tunnelEnds : Self.tunnelEnds.reversed
    let length = 32 + 16 * blocks
    begin(ends, .udp, length: length + 8)
    appendUDP(ends, length: length)
    appendTransportHeader(isSent: isSent)
    appendNoise(length - 16)
    try send(isSent ? .leaving : .returning, .tunnel, station: 2)
  }

  private mutating func ephemeral() -> UInt16 { UInt16(32_768 + below(28_232)) }

  /// A query from a new port, as stub resolvers send it; with `isAnswered` its answer too.
  mutating func ask(_ name: String, isIPv6: Bool = false, isAnswered: Bool = false) throws(Failure) {
    let resolver = isIPv6 ? IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 0x53) : IPAddress(v4: 0xC633_6435)
    let ends = Ends(
      source: Ends.container(2, isIPv6: isIPv6), destination: resolver, sourcePort: ephemeral(), destinationPort: 53)
    let id = UInt16(truncatingIfNeeded: random.next())
    let question = dnsQuestion(dnsName(name), type: below(2) == 0 ? 1 : 28)
    let query = dnsMessage(id: id, question)
    begin(ends, .udp, length: query.count + 8)
    appendUDP(ends, length: query.count)
    append(query)
    try send(.leaving, .leak, station: 2)
    guard isAnswered else { return }
    // A pointer to the question's name, type A, class IN, and one minute.
    let record: [UInt8] = [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4] + octets(Ends.outside(random.next()))
    let answer = dnsMessage(id: id, flags: 0x8180, answers: 1, question + record)
    begin(ends.reversed, .udp, length: answer.count + 8)
    appendUDP(ends.reversed, length: answer.count)
    append(answer)
    try send(.returning, .leak, station: 2)
  }

  /// The first packet of a new connection.
  mutating func openTCP(isIPv6: Bool = false) throws(Failure) {
    let ports: [UInt16] = [443, 80, 6881, 51413]
    var stream = Stream(
      Ends(
        source: Ends.container(2, isIPv6: isIPv6), destination: Ends.outside(random.next(), isIPv6: isIPv6),
        sourcePort: ephemeral(), destinationPort: ports[below(4)]), .tls, .leak)
    try advance(&stream, length: 0)
  }

  /// One BitTorrent datagram to a new peer: a ping of its DHT (BEP 5), or the beginning of a uTP stream (BEP 29).
  mutating func openUDP(isIPv6: Bool = false) throws(Failure) {
    let ends = Ends(
      source: Ends.container(2, isIPv6: isIPv6), destination: Ends.outside(random.next(), isIPv6: isIPv6),
      sourcePort: 6881, destinationPort: UInt16(1024 + below(64_000)))
    let isPing = below(2) == 0
    let length = isPing ? 56 : 20
    begin(ends, .udp, length: length + 8)
    appendUDP(ends, length: length)
    if isPing {
      append(Array("d1:ad2:id20:".utf8))
      appendNoise(20)
      append(Array("e1:q4:ping1:t2:aa1:y1:qe".utf8))
    } else {
      append(0x4100_0000 | UInt32(random.next() & 0xFFFF))
      append(UInt32(truncatingIfNeeded: random.next()))
      append(0 as UInt32)
      append(0x0010_0000 as UInt32)
      append(0x0001_0000 as UInt32)
    }
    try send(.leaving, .leak, station: 2)
  }

  /// An echo request (RFC 792, RFC 4443).
  mutating func ping(_ ends: Ends, _ way: Way, _ egress: Egress, length: Int, peer: UInt8 = 0) throws(Failure) {
    begin(ends, ends.source.isIPv4 ? .icmp : .icmpv6, length: length + 8)
    append(ends.source.isIPv4 ? 0x0800_0000 : 0x8000_0000 as UInt32)
    append(0x0007_0000 | UInt32(random.next() & 0xFFFF))
    appendNoise(length)
    try send(way, egress, station: ends.station, peer: peer)
  }

  /// A container asks for another's hardware address (RFC 826).
  mutating func askARP(_ station: UInt8, for peer: UInt8) throws(Failure) {
    beginBare()
    append(
      arp(
        1, "172.18.0.\(station)", "172.18.0.\(peer)", from: MACAddress(0x0242_AC12_0000 | UInt64(station))))
    try send(.inside, .local, station: station, peer: peer, etherType: 0x0806)
  }

  /// A datagram of UDP in three fragments.
  mutating func fragments(_ ends: Ends, _ egress: Egress, length: Int) throws(Failure) {
    let piece = max(16, length / 24 * 8)
    let number = UInt32(truncatingIfNeeded: random.next())
    for index in 0..<3 {
      let fragment = Fragmentation(offset: index * piece, more: index < 2, identification: number)
      begin(ends, .udp, length: piece, fragment: fragment)
      if index == 0 { appendUDP(ends, length: 3 * piece - 8) }
      appendNoise(index == 0 ? piece - 8 : piece)
      try send(.leaving, egress, station: ends.station)
    }
  }
}
