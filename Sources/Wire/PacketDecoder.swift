/// The walk from link type to transport header: one `switch` for each layer.
public enum PacketDecoder {
  /// Decodes a frame of a supported link type; any other is `undecodable`.
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
    switch linkType.framing {
    case .ethernet:
      let type = try EthernetFrame(bytes).etherType
      if type == .ipv4 {
        try decodeIPv4(bytes, at: EthernetFrame.headerLength, &packet)
      } else {
        try decodeEtherType(type, bytes, at: EthernetFrame.headerLength, &packet)
      }
    case .linuxCooked: try decodeCooked(bytes, version: 1, &packet)
    case .linuxCooked2: try decodeCooked(bytes, version: 2, &packet)
    case .ip: try decodeIP(bytes, at: 0, .linkLayer, &packet)
    case .ipv4: try decodeIPv4(bytes, at: 0, &packet)
    case .ipv6: try decodeIPv6(bytes, at: 0, &packet)
    case .addressFamily: try decodeAddressFamily(bytes, &packet)
    case .ppp: try decodePPP(bytes, at: 0, &packet)
    case .hdlc: try decodeHDLC(bytes, &packet)
    case nil: throw .malformed(.linkLayer)
    }
  }

  private static func decodeCooked(
    _ bytes: RawSpan, version: Int, _ packet: inout DecodedPacket
  ) throws(WireError) {
    let frame = try LinuxCookedFrame(bytes, version: version)
    packet.linkDirection = frame.direction
    // Behind these hardware types the protocol field is no EtherType (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html):
    // Frame Relay, IEEE 802.11 with radiotap, netlink.
    switch frame.hardwareType {
    case 770, 801, 802, 803, 824: throw .malformed(.linuxCooked)
    default: break
    }
    var type = frame.protocolType
    var offset = LinuxCookedFrame.headerLength(version: version)
    if frame.hasDisplacedTag {
      try bytes.require(offset + VLANTag.length, .linuxCooked)
      // Between the tag and the protocol stands what was padding. Where it is not zero, it may be a packet's beginning
      // behind padding that only looks like a tag: neither is guessed.
      guard bytes.uint16(at: offset) == 0 else { throw .malformed(.linuxCooked) }
      type = EtherType(rawValue: bytes.uint16(at: offset + 2))
      offset += VLANTag.length
    }
    switch type.rawValue {
    // LLC whose length the kernel has not kept.
    case 1, 4: try decodeEtherType(.jumboLLC, bytes, at: offset, &packet)
    case 0...0x05FF: throw .malformed(.linuxCooked)
    default: try decodeEtherType(type, bytes, at: offset, &packet)
    }
  }

  /// Four bytes of address family: LINKTYPE_NULL in the byte order of the machine that captured,
  /// LINKTYPE_LOOP in network byte order. Families are small, so the order shows.
  private static func decodeAddressFamily(_ bytes: RawSpan, _ packet: inout DecodedPacket) throws(WireError) {
    try bytes.require(4, .family)
    let value = bytes.uint32(at: 0)
    switch value > 0xFFFF ? value.byteSwapped : value {
    case 2: try decodeIPv4(bytes, at: 4, &packet)
    // AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, of Darwin.
    case 10, 24, 28, 30: try decodeIPv6(bytes, at: 4, &packet)
    default: throw .malformed(.family)
    }
  }

  /// Walks tags and encapsulations down to IP or to a protocol of the link. Each round moves on by at
  /// least four bytes, so the frame's length bounds it.
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
          // What the length leaves is all that there is; padding follows. One beyond the frame says no more than the frame.
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

  /// The version nibble decides, where nothing before it said which IP follows.
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
