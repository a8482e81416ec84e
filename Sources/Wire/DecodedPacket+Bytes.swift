extension DecodedPacket {
  /// The packet from its outermost IP header to its end, as far as it was captured.
  @_lifetime(copy frame)
  public func packetBytes(_ frame: borrowing CapturedFrame) -> RawSpan {
    frame.bytes.extracting(Int(networkOffset)..<Int(packetEnd))
  }

  /// The transport payload as far as it was captured, without the padding after the packet.
  @_lifetime(copy frame)
  public func payload(_ frame: borrowing CapturedFrame) -> RawSpan {
    let start = min(Int(payloadOffset), Int(packetEnd))
    return frame.bytes.extracting(start..<min(Int(packetEnd), start + Int(payloadLength)))
  }
}

extension PacketDecoder {
  /// The packet that an ICMP error quotes (RFC 792; RFC 4443 section 3), as far as the quote goes. Nil if it
  /// has no IP header.
  public static func decodeQuoted(_ packet: DecodedPacket, _ bytes: RawSpan) -> DecodedPacket? {
    let quote = bytes.extracting(first: Int(packet.packetEnd)).extracting(droppingFirst: Int(packet.payloadOffset))
    var quoted = DecodedPacket()
    do throws(WireError) {
      try decodeIP(quote, at: 0, .icmp, &quoted)
    } catch {
      // Errors may quote only eight bytes after the header: enough for the ports.
      quoted.error = error
    }
    return quoted.network == .ip ? quoted : nil
  }
}
