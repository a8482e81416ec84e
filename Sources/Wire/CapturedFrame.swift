/// One frame as a capture recorded it, borrowed from its source until the source moves on.
public struct CapturedFrame: ~Escapable {
  /// The captured bytes, from the link-layer header on.
  public let bytes: RawSpan
  /// What the link carried, in bytes; the captured length is `bytes.byteCount`.
  public let originalLength: Int
  public let timestamp: Timestamp
  public let linkType: LinkType
  /// The source's own number for the interface, counted from 0 over the whole source.
  public let interface: Int
  /// What the record itself says about the frame's way (pcapng `epb_flags`, the modified pcap's packet type).
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

/// Which way a frame went through the interface that it was captured on.
public enum RecordDirection: UInt8, Sendable, BitwiseCopyable {
  case unknown, incoming, outgoing
}

/// Where frames come from: a savefile, later a live interface.
///
/// `advance` moves to the next frame and `frame` lends it; the compiler forbids to move on while the
/// frame is still in use. Split in two, so that sources can be merged by the time of their next frame.
public protocol FrameSource: ~Copyable {
  associatedtype Failure: Error

  /// Moves to the next frame. False at the end of the source; an error where the source is damaged.
  mutating func advance() throws(Failure) -> Bool

  /// The frame that the last successful `advance` moved to.
  var frame: CapturedFrame { @_lifetime(borrow self) get }

  /// The frame's position in the source from 1 on, as Wireshark counts: frames that are left out count, too. 0 in a source
  /// without an order of its own. Not in the frame: what is copied with each of them costs each of them.
  var number: Int { get }
}

extension FrameSource where Self: ~Copyable {
  public var number: Int { 0 }
}
