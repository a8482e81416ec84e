package import Wire

/// A frame that can be shown to strangers, and still leads to the same verdict.
///
/// It is not the original with parts removed, but is built anew from what is known to be harmless. From the link's
/// header come the bytes that the decoder needs, with other stations. From IP and transport headers come the fields
/// that are named here, with other addresses. From the payload come the bytes that the protocol itself fixes
/// (`PayloadSignature`). Everything else is zero, or gone.
package enum RedactedFrame {
  package static func bytes(_ frame: borrowing CapturedFrame, _ redactor: Redactor) -> [UInt8] {
    let packet = PacketDecoder.decode(frame)
    var bytes = ShownBytes(frame.bytes.copied)
    guard let linkEnd = showLink(&bytes, frame, packet, redactor) else { return [] }
    guard packet.network == .ip, linkEnd == Int(packet.networkOffset) else {
      bytes.cut(at: linkEnd)
      return bytes.shown
    }
    let end = showPacket(&bytes, packet, at: 0, isQuote: false, redactor)
    showRoute(&bytes, SourceRoute(packet, frame), at: linkEnd, redactor)
    // After the packet, the frame holds padding, or a secret that a driver left there.
    let packetEnd = Int(packet.packetEnd)
    bytes.cut(at: max(min(end, packetEnd), linkEnd + (packet.source.isIPv4 ? 20 : 40)))
    let isWhole = end >= packetEnd && packetEnd - linkEnd == Int(packet.packetLength)
    return withChecksums(bytes, packet, isWhole: isWhole)
  }
}
