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

/// Where frames come from: a savefile or a live capture.
///
/// `advance` moves to the next frame and `frame` lends it; the compiler forbids moving on while the
/// frame is still in use. They are separate so that sources can be merged by the time of their next frame.
public protocol FrameSource: ~Copyable {
  associatedtype Failure: Error

  /// Moves to the next frame. Returns false at the end of the source; throws if the source is damaged.
  mutating func advance() throws(Failure) -> Bool

  /// The frame that the last successful `advance` moved to.
  var frame: CapturedFrame { @_lifetime(borrow self) get }

  /// The frame's number in the source, starting at 1. As in Wireshark, frames that are left out count, too. 0 in a
  /// source without an order of its own. It is kept outside the frame, because a copy with every frame costs time.
  var number: Int { get }
}

extension FrameSource where Self: ~Copyable {
  public var number: Int { 0 }
}
