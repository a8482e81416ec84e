import Wire

/// Everything before the packet.
extension RedactedFrame {
  /// No honest frame has a longer encapsulation. If a frame does, nothing after the link's own header is shown. The
  /// attributes of a log hold a text of up to 128 bytes, and more.
  private static func longestEncapsulation(_ framing: LinkType.Framing) -> Int { framing == .nflog ? 512 : 128 }

  /// Shows the bytes that the decoder needs to find the same packet, and returns their end. Nil if nothing can be
  /// shown.
  static func showLink(
    _ bytes: inout ShownBytes, _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ redactor: Redactor
  ) -> Int? {
    guard let framing = frame.linkType.framing else { return nil }
    let layout = LinkLayout(framing)
    let named = layout.kernelFields + layout.stations.map { $0..<$0 + MACAddress.length }
    // Only the decoder uses the bytes from here on: types, tags, lengths, or address padding that may be a tag.
    let start = named.map(\.upperBound).max() ?? 0
    var probe = LinkProbe(bytes.original, frame, packet)
    let end: Int
    if packet.network == .ip, Int(packet.networkOffset) <= start + longestEncapsulation(framing) {
      end = Int(packet.networkOffset)
    } else {
      let most = min(bytes.original.count, start + longestEncapsulation(framing))
      end = (min(start, most)...most).first { probe.isSame(upTo: $0) } ?? min(start, most)
      probe.cut(at: end)
    }
    for index in 0..<end where !named.contains(where: { $0.contains(index) }) {
      bytes.write([probe.needed(at: index)], at: index)
    }
    // Stations decide directions (CONTRACT 1), so each gets its own pseudonym. The rest of a longer address is not
    // shown.
    for offset in layout.stations {
      if let octets = bytes.octets(at: offset, MACAddress.length) { bytes.write(redactor.station(octets), at: offset) }
    }
    for range in layout.kernelFields { bytes.show(range) }
    return end
  }
}

/// Asks the decoder which bytes it needs. This works for every encapsulation that the decoder learns; nothing else of
/// it is shown.
private struct LinkProbe {
  private var bytes: [UInt8]
  private let packet: DecodedPacket
  private let linkType: LinkType
  private let originalLength: Int

  init(_ bytes: [UInt8], _ frame: borrowing CapturedFrame, _ packet: DecodedPacket) {
    self.bytes = bytes
    self.packet = packet
    linkType = frame.linkType
    originalLength = frame.originalLength
  }

  mutating func cut(at end: Int) { bytes.removeSubrange(end...) }

  func isSame(upTo end: Int) -> Bool { isSame(Array(bytes[..<end])) }

  /// The byte at this position, or zero if the packet is the same with zero.
  mutating func needed(at index: Int) -> UInt8 {
    let byte = bytes[index]
    guard byte != 0 else { return 0 }
    bytes[index] = 0
    if !isSame(bytes) { bytes[index] = byte }
    return bytes[index]
  }

  private func isSame(_ bytes: [UInt8]) -> Bool {
    let frame = CapturedFrame(
      bytes: bytes.view, originalLength: originalLength, timestamp: Timestamp(nanoseconds: 0),
      linkType: linkType, interface: 0, recordDirection: .unknown)
    let other = PacketDecoder.decode(frame)
    guard other.network == packet.network, other.linkDirection == packet.linkDirection else { return false }
    guard packet.network == .ip else { return Self.kind(other.error) == Self.kind(packet.error) }
    return other.networkOffset == packet.networkOffset && other.packetEnd == packet.packetEnd
      && other.packetLength == packet.packetLength && other.source == packet.source
      && other.destination == packet.destination && other.error == packet.error
  }

  /// The error without its numbers of bytes.
  private static func kind(_ error: WireError?) -> WireError? {
    if case .truncated(let layer, _, _) = error { .truncated(layer, needed: 0, available: 0) } else { error }
  }
}
