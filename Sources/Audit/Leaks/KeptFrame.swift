public import Wire

/// A frame that outlives its source, with as many of its first bytes as were kept.
public struct KeptFrame: Hashable, Sendable {
  public var bytes: [UInt8]
  /// How many bytes the link carried; never fewer than were kept.
  public var originalLength: Int
  public var timestamp: Timestamp
  public var linkType: LinkType
  /// The source's own number for the interface.
  public var interface: Int
  public var recordDirection: RecordDirection

  public init(
    bytes: [UInt8], originalLength: Int, timestamp: Timestamp, linkType: LinkType, interface: Int,
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
