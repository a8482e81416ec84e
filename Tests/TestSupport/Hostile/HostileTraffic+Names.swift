import Wire

/// Protocols that name something in clear: DNS over UDP and TCP, TLS, QUIC.
extension HostileTraffic {
  mutating func question() {
    let (source, resolver) = pair()
    let selector = choices.byte()
    let asked = Question(
      from: Endpoint(address: source, port: selector & 0x80 == 0 ? 40000 : 40001),
      to: Endpoint(address: resolver, port: 53),
      name: HostileWorld.names[Int(selector & 0x0F) % HostileWorld.names.count],
      identifier: UInt16(selector >> 4 & 3))
    latestQuestion = asked
    sendDatagram(
      from: asked.from, to: asked.to,
      dnsQuery(asked.name, type: asked.from.address.isIPv4 ? 1 : 28, id: asked.identifier))
  }

  /// Answers the latest question, or one that almost matches it.
  mutating func answer() {
    guard var asked = latestQuestion else { return }
    let selector = choices.byte()
    if selector & 8 == 8 { asked.identifier ^= 1 }
    if selector & 0x10 == 0x10 { asked.to = Endpoint(address: HostileWorld.outside4[1], port: 53) }
    if selector & 0x20 == 0x20 { asked.name = HostileWorld.endpointName }
    guard asked.to.address.isIPv4 == asked.from.address.isIPv4 else { return }
    let addresses =
      selector & 7 < 3
      ? [HostileWorld.named[Int(selector & 1)]]
      : (0..<Int(selector & 7)).map { _ in choices.pick(HostileWorld.outside4) }
    sendDatagram(from: asked.to, to: asked.from, dnsResponse(asked.name, addresses, id: asked.identifier))
  }

  /// In one to three segments, whose sequence numbers are right, at the wrap, or random.
  mutating func questionInSegments() {
    sendInSegments(prefixed(2, dnsQuery(choices.pick(HostileWorld.names))), port: 53)
  }

  mutating func hello() { sendInSegments(tlsRecords(clientHello(choices.pick(HostileWorld.names))), port: 443) }

  private mutating func sendInSegments(_ stream: [UInt8], port: UInt16) {
    let (source, destination) = pair()
    let selector = choices.byte()
    let first = choices.pick([1, 0, .max, .max - 5, 1 << 31]) as UInt32
    let size = max(1, stream.count / (1 + Int(selector & 3)))
    let ownPort: UInt16 = selector & 4 == 0 ? 40000 : 40001
    for start in stride(from: 0, to: stream.count, by: size) {
      let sequence = selector & 0x18 == 0x18 ? choices.number() : first &+ UInt32(start)
      send(
        .tcp, from: source, to: destination,
        tcp(ownPort, port, Array(stream[start..<min(start + size, stream.count)]), sequence: sequence))
    }
  }

  /// The sample of RFC 9001, whole or cut short as some datagrams are.
  mutating func quic() {
    let (source, destination) = pair()
    let selector = choices.byte()
    let packet = selector & 1 == 0 ? QUICSample.version1 : QUICSample.version2
    sendDatagram(
      from: Endpoint(address: source, port: 40000), to: Endpoint(address: destination, port: 443),
      Array(packet.prefix(selector & 2 == 0 ? packet.count : Int(selector))))
  }
}
