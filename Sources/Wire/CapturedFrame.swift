/// One frame as a capture recorded it, borrowed from its source until the source moves on.
public struct CapturedFrame: ~Escapable {
  /// The captured bytes, starting with the link-layer header.
  public let bytes: RawSpan
  /// The frame's length on the link, in bytes; the captured length is `bytes.byteCount`.
  public let originalLength: Int
  public let timestamp: Timestamp
  public let linkType: LinkType
  /// The source's own number for the interface. It counts from 0 across the whole source.
  public let interface: Int
  /// The frame's direction according to the record (pcapng `epb_flags`, the modified pcap's packet type).
  public let recordDirection: RecordDirection

  @_lifetime(copy bytes)
  public init(
    bytes: RawSpan, originalLength: Int, timestamp: Timestamp, linkType: LinkType, interface: Int,
    recordDirection: RecordDirection
  ) {
    self.bytes = bytes
    self.originalLength = originalLength
    self.timestamp = timestamp
    self.linkType = linkType
    self.interface = interface
    self.recordDirection = recordDirection
  }
}

/// The direction of a frame at the interface that captured it.
public enum RecordDirection: UInt8, Sendable, BitwiseCopyable {
  case unknown, incoming, outgoing
}
