import Wire

/// The parts of a packet that NAT leaves alone, by which the NIC's packet is recognised (CONTRACT 4): identification,
/// length, and the first bytes of transport header and payload; not the source address or port.
struct PacketFingerprint: TableKey {
  private var destination: IPAddress
  private var protocolNumber: UInt8
  private var destinationPort: UInt16
  private var identification: UInt32
  private var length: Int32
  private var content: UInt64

  /// How many bytes of the payload are compared.
  private static var contentLimit: Int { 64 }

  init(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) {
    destination = packet.destination
    protocolNumber = packet.protocolNumber.rawValue
    destinationPort = packet.isICMP ? 0 : packet.destinationPort
    identification = packet.identification
    length = packet.packetLength
    var hash = KeyHash(seed: 0)
    // TCP's sequence and acknowledgement numbers.
    if packet.protocolNumber == .tcp { hash.mix(Self.word(Int(packet.transportOffset) + 4, packet, frame)) }
    var offset = Int(packet.payloadOffset)
    let end = min(Int(packet.packetEnd), offset + Self.contentLimit)
    while offset + 16 <= end {
      hash.mix(frame.bytes.uint64(at: offset), frame.bytes.uint64(at: offset + 8))
      offset += 16
    }
    hash.mix(Self.word(offset, packet, frame))
    content = hash.value
  }

  private static func word(_ offset: Int, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> UInt64 {
    guard offset >= 0, offset + 8 <= Int(packet.packetEnd) else { return 0 }
    return frame.bytes.uint64(at: offset)
  }

  func mix(into hash: inout KeyHash) {
    hash.mix(destination.low, destination.high)
    hash.mix(UInt64(identification) << 16 | UInt64(destinationPort), content)
    hash.mix(UInt64(UInt32(bitPattern: length)), UInt64(protocolNumber))
  }
}
