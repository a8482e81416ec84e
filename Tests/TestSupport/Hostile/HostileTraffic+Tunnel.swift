import Wire

/// WireGuard messages (whitepaper section 5.4) in any order and with any field.
extension HostileTraffic {
  /// Both ends, and whether the message is sent to the endpoint.
  private mutating func ends() -> (from: Endpoint, to: Endpoint) {
    let selector = choices.byte()
    let peer = HostileWorld.endpoints[[0, 0, 0, 1, 0, 2, 0, 3][Int(selector & 7)]]
    let insides = peer.address.isIPv4 ? HostileWorld.inside4 : HostileWorld.inside6
    let port: UInt16 = selector & 0x20 == 0 ? 51820 : 40000
    let own = Endpoint(
      address: insides[selector & 0x18 == 0x18 ? (Int(selector >> 6) + 1) % insides.count : 0], port: port)
    return selector & 0xC0 == 0x40 ? (peer, own) : (own, peer)
  }

  private static func receiver(_ index: Int) -> UInt32 { UInt32(index + 1) &* 0x1111_1111 }

  mutating func transportMessage() {
    let (from, to) = ends()
    let (index, counter, isOvertaken) = nextCounter()
    let lengths = [32, 128, 48, 1452, 32, 96, 1468, 2000]
    var payload = message(index, counter, length: lengths[Int(choices.byte() & 7)])
    if payload.count == 2000 {
      // Several messages in one datagram, as a sender leaves them to the kernel (UDP_SEGMENT).
      let length = choices.pick([1452, 64, 32, 1400])
      let count = 1 + Int(choices.byte()) % (60_000 / length)
      payload = (0..<count).flatMap { message(index, counter &+ UInt64($0), length: length) }
      counters[index] = counter &+ UInt64(count)
    }
    sendDatagram(from: from, to: to, payload)
    if isOvertaken { sendDatagram(from: from, to: to, message(index, counter &- 1, length: 96)) }
  }

  /// Enough in order to make a session's counters credible, and more.
  mutating func transportRow() {
    let (from, to) = ends()
    let (index, counter, _) = nextCounter()
    let count = Int(choices.byte() & 0x3F)
    for step in 0..<count {
      sendDatagram(from: from, to: to, message(index, counter &+ UInt64(step), length: step & 7 == 7 ? 32 : 96))
    }
    counters[index] = counter &+ UInt64(count)
  }

  private func message(_ index: Int, _ counter: UInt64, length: Int) -> [UInt8] {
    [4, 0, 0, 0] + littleEndian(Self.receiver(index)) + littleEndian(counter) + filler(length - 16)
  }

  /// The next counter of a receiver, or one that an honest sender would not use now.
  /// A message may have overtaken the one before it, which then follows.
  private mutating func nextCounter() -> (index: Int, counter: UInt64, isOvertaken: Bool) {
    let selector = choices.byte()
    let index = Int(selector & 0xC0 == 0xC0 ? selector >> 3 & 7 : 0)
    let next = counters[index]
    let counter: UInt64 =
      switch selector & 7 {
      case 0, 1: next
      case 2: next &- 1
      case 3: next &+ 1
      case 4: next &- 2
      case 5: next &+ UInt64(choices.byte())
      case 6: next &- UInt64(choices.byte())
      default: choices.byte() & 1 == 0 ? choices.pick(HostileWorld.counters) : choices.number()
      }
    counters[index] = counter &+ 1
    return (index, counter, selector & 0x0F == 3)
  }

  mutating func handshakeInitiation() {
    let (from, to) = ends()
    let selector = choices.byte()
    latestInitiation = UInt32(selector & 7)
    let key = selector & 0x10 == 0 ? HostileWorld.publicKey : HostileWorld.otherKey
    sendDatagram(from: from, to: to, initiation(sender: latestInitiation, to: key))
  }

  mutating func handshakeResponse() {
    let (from, to) = ends()
    let selector = choices.byte()
    let answered = selector & 8 == 0 ? latestInitiation : UInt32(selector >> 4)
    let message = [2, 0, 0, 0] + littleEndian(Self.receiver(Int(selector & 7))) + littleEndian(answered) + filler(80)
    sendDatagram(from: to, to: from, message)
  }

  mutating func cookieReply() {
    let (from, to) = ends()
    sendDatagram(from: from, to: to, [3, 0, 0, 0] + littleEndian(latestInitiation) + filler(56))
  }

  /// A server on the audited side and its peers, which come from anywhere.
  mutating func served() {
    let (inside, outside) = pair()
    let selector = choices.byte()
    let own = Endpoint(address: inside, port: HostileWorld.servedPort)
    let peer = Endpoint(address: outside, port: selector & 0x80 == 0 ? 40000 : 40001)
    let payload =
      switch selector & 7 {
      case 0: initiation(sender: UInt32(selector >> 3), to: HostileWorld.publicKey)
      case 1: WireGuardSample.response
      case 2: WireGuardSample.cookie
      case 3: filler(40)
      default: message(Int(selector & 7), counters[Int(selector & 7)], length: 96)
      }
    if selector & 8 == 0 {
      sendDatagram(from: own, to: peer, payload)
    } else {
      sendDatagram(from: peer, to: own, payload)
    }
  }
}
