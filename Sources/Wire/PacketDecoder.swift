/// Decodes from the link type to the transport header, with one `switch` for each layer.
public enum PacketDecoder {
  /// Decodes a frame of a supported link type; a frame of any other type is `undecodable`.
  public static func decode(_ frame: borrowing CapturedFrame) -> DecodedPacket {
    var packet = DecodedPacket()
    // Segmentation offload stays below a mebibyte; a nonsensical length must not overflow what follows.
    packet.missing = Int32(min(max(frame.originalLength &- frame.bytes.byteCount, 0), 1 << 20))
    do throws(WireError) {
      try decodeLink(frame.bytes, frame.linkType, &packet)
    } catch {
      packet.error = error
    }
    return packet
  }

  private static func decodeLink(
    _ bytes: RawSpan, _ linkType: LinkType, _ packet: inout DecodedPacket
  ) throws(WireError) {
    let header = try LinkHeader(bytes, linkType)
    packet.linkDirection = header.direction
    let (next, offset) = try header.next()
    switch next {
    case .etherType(.ipv4): try decodeIPv4(bytes, at: offset, &packet)
    case .etherType(let type): try decodeEtherType(type, bytes, at: offset, &packet)
    case .ppp: try decodePPPProtocol(bytes, at: offset, &packet)
    case .ip: try decodeIP(bytes, at: offset, .linkLayer, &packet)
    }
  }

  /// Walks tags and encapsulations down to IP or to a link-layer protocol. Each round advances by at
  /// least four bytes, so the frame's length bounds the loop.
  static func decodeEtherType(
    _ first: EtherType, _ frame: RawSpan, at start: Int, _ packet: inout DecodedPacket
  ) throws(WireError) {
    var bytes = frame
    var type = first
    var offset = start
    while true {
      switch type {
      case .ipv4: return try decodeIPv4(bytes, at: offset, &packet)
      case .ipv6: return try decodeIPv6(bytes, at: offset, &packet)
      case .vlan, .serviceVLAN, .stackedVLAN, .stackedVLAN2:
        type = try VLANTag(bytes.extracting(droppingFirst: offset)).etherType
        offset += VLANTag.length
      case .mpls, .mplsUpstream: return try decodeMPLS(bytes, at: offset, &packet)
      case .pppoeSession: return try decodePPPoE(bytes, at: offset, &packet)
      default:
        guard type.isLLC else {
          guard type.isLinkLayerProtocol else { throw .malformed(.unknownEtherType) }
          packet.network = .linkLayer
          return
        }
        if type != .jumboLLC {
          // The payload ends where the length says; padding follows. A length beyond the frame adds no missing bytes.
          let end = offset + Int(type.rawValue)
          packet.missing = min(packet.missing, Int32(max(0, end - bytes.byteCount)))
          bytes = bytes.extracting(first: end)
        }
        let room = type == .jumboLLC ? Int.max : Int(type.rawValue)
        guard let next = try decodeLLC(bytes, at: offset, room: room, &packet) else { return }
        (type, offset) = next
      }
    }
  }

  /// Decodes IP of either version. The version nibble decides, because no header before it says which one follows.
  static func decodeIP(
    _ bytes: RawSpan, at offset: Int, _ layer: WireError.Layer, _ packet: inout DecodedPacket
  ) throws(WireError) {
    let rest = bytes.extracting(droppingFirst: offset)
    try rest.require(1, layer)
    switch rest.uint8(at: 0) >> 4 {
    case 4: try decodeIPv4(bytes, at: offset, &packet)
    case 6: try decodeIPv6(bytes, at: offset, &packet)
    default: throw .malformed(layer)
    }
  }
}
