import Wire

/// Makes a packet a frame, as the current step says.
extension HostileTraffic {
  var interface: Int { Int(place & 3) % linkTypes.count }

  private var direction: RecordDirection { RecordDirection(rawValue: place >> 2 & 3) ?? .unknown }

  /// Sends a packet, from its IP header on, over the link.
  mutating func send(_ packet: [UInt8]) {
    latestPacket = packet
    latestPlace = place
    let isIPv4 = packet.first.map { $0 >> 4 == 4 } ?? true
    let type: EtherType = isIPv4 ? .ipv4 : .ipv6
    let macs = HostileWorld.macs
    let pair = Int(place >> 6)
    let (source, destination) = (macs[pair], macs[pair ^ 1])
    let link = linkTypes[interface]
    let bytes: [UInt8] =
      switch link {
      case .ethernet: ethernet(packet, type, from: source, to: destination)
      case .linuxCooked: cooked(packet, type, packetType: UInt16(packetType), from: source)
      case .linuxCooked2: cooked2(packet, type, packetType: packetType, from: source)
      default: packet
      }
    add(frame: bytes)
  }

  mutating func add(frame bytes: [UInt8], originalLength: Int? = nil) {
    let frame = SampleFrame(
      bytes, linkTypes[interface], originalLength: originalLength, time: time, interface: interface,
      direction: direction)
    latestFrame = frame
    add(.frame(frame))
  }

  /// By the record's direction (LINKTYPE_LINUX_SLL): to this machine, from it, or between others.
  private var packetType: UInt8 {
    switch direction {
    case .incoming: 0
    case .outgoing: 4
    case .unknown: 3
    }
  }

  mutating func send(_ number: IPProtocol, from source: IPAddress, to destination: IPAddress, _ transport: [UInt8]) {
    send(ip(from: source, to: destination, number, transport))
  }

  mutating func sendDatagram(from source: Endpoint, to destination: Endpoint, _ payload: [UInt8]) {
    send(.udp, from: source.address, to: destination.address, udp(source.port, destination.port, payload))
  }

  /// A sender and a peer of one family; answers go the other way.
  mutating func pair() -> (source: IPAddress, destination: IPAddress) {
    let selector = choices.byte()
    let isIPv4 = selector & 0xC0 != 0xC0
    let inside = isIPv4 ? HostileWorld.inside4 : HostileWorld.inside6
    let outside = isIPv4 ? HostileWorld.outside4 : HostileWorld.outside6
    let (one, other) = (inside[Int(selector & 3)], outside[Int(selector >> 2 & 7)])
    return choices.byte() & 7 == 7 ? (other, one) : (one, choices.byte() & 3 == 3 ? choices.pick(outside) : other)
  }

  /// The latest frame again, unchanged or as NAT would forward it, where and when the step says.
  mutating func again() {
    guard let frame = latestFrame else { return }
    let selector = choices.byte()
    if selector & 1 == 0 || latestPacket.count < 20 || latestPacket[0] != 0x45 {
      guard linkTypes[interface] == frame.linkType else { return send(latestPacket) }
      return add(frame: frame.bytes, originalLength: frame.originalLength)
    }
    var packet = latestPacket
    packet.replaceSubrange(12..<16, with: octets(HostileWorld.inside4[2]))
    if selector & 2 == 2, packet.count >= 22 { packet[20] ^= selector }
    packet.replaceSubrange(10..<12, with: [0, 0])
    packet.replaceSubrange(10..<12, with: bigEndian(internetChecksum(Array(packet[..<20]))))
    send(packet)
  }

  /// The latest frame as a short snap length shows it.
  mutating func cut() {
    guard let frame = latestFrame else { return }
    let length = Int(choices.byte())
    let claimed = choices.pick([frame.bytes.count, frame.bytes.count, 65535, Int(UInt32.max), 0])
    place = place & ~3 | UInt8(linkTypes.firstIndex(of: frame.linkType) ?? 0)
    add(frame: Array(frame.bytes.prefix(length)), originalLength: claimed)
  }
}
