package import Wire

/// A frame that can be shown to strangers, and still leads to the same verdict.
///
/// It is not the original with something taken out: it is made anew, of what is known to be harmless. Of the link's header
/// what the decoder needs, with other stations; of IP and transport headers the fields that are named here, with other
/// addresses; of the payload the bytes that the protocol itself fixes (`PayloadSignature`). All else is zero, or gone.
package enum RedactedFrame {
  package static func bytes(_ frame: borrowing CapturedFrame, _ redactor: Redactor) -> [UInt8] {
    let packet = PacketDecoder.decode(frame)
    var bytes = ShownBytes((0..<frame.bytes.byteCount).map { frame.bytes.uint8(at: $0) })
    guard let linkEnd = showLink(&bytes, frame, packet, redactor) else { return [] }
    guard packet.network == .ip, linkEnd == Int(packet.networkOffset) else {
      bytes.cut(at: linkEnd)
      return bytes.shown
    }
    let end = showPacket(&bytes, packet, at: 0, isQuote: false, redactor)
    showRoute(&bytes, SourceRoute(packet, frame), at: linkEnd, redactor)
    // What follows the packet in its frame is padding, or a secret that a driver lost.
    let packetEnd = Int(packet.packetEnd)
    bytes.cut(at: max(min(end, packetEnd), linkEnd + (packet.source.isIPv4 ? 20 : 40)))
    let isWhole = end >= packetEnd && packetEnd - linkEnd == Int(packet.packetLength)
    return withChecksums(bytes, packet, isWhole: isWhole)
  }
}
