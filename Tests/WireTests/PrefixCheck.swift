import TestSupport
import Testing
import Wire

/// Decodes bytes as a frame of a link type.
func decode(_ bytes: [UInt8], _ linkType: LinkType = .raw, originalLength: Int? = nil) -> DecodedPacket {
  SampleFrame(bytes, linkType, originalLength: originalLength).decoded
}

/// The error that every prefix of `bytes` shorter than `whole` must give, layer by layer: each layer is
/// given by its first byte and by the bytes that it needs.
func expectTruncations(
  _ bytes: [UInt8], _ linkType: LinkType, _ layers: [(layer: WireError.Layer, start: Int, needed: Int)],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  for (layer, start, needed) in layers {
    for count in start..<(start + needed) {
      let packet = decode(Array(bytes.prefix(count)), linkType, originalLength: bytes.count)
      #expect(
        packet.error == .truncated(layer, needed: needed, available: count - start), "prefix of \(count) bytes",
        sourceLocation: sourceLocation)
    }
  }
}
