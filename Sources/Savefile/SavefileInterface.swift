public import Wire

/// An interface that a savefile describes, and what the file says about its losses.
///
/// pcap knows one, without a name. pcapng describes any number; interfaces of later sections that carry the name
/// and link type of an earlier one are that one, so that captures written one behind the other count as one.
public struct SavefileInterface: Hashable, Sendable {
  public let name: String?
  public let linkType: LinkType
  /// In bytes; 0 where the file sets no limit.
  public let snapLength: UInt32
  /// Whether its frames are passed over because its link type cannot be decoded.
  public let isSkipped: Bool
  /// Frames passed over for that reason.
  public internal(set) var skippedFrames: UInt64 = 0
  /// Frames that the interface or the system dropped: what interface statistics say, or what the packets
  /// themselves say where that is more.
  public internal(set) var drops: UInt64 = 0
  /// Frames that interface statistics say arrived (isb_ifrecv), nil where the file does not say.
  public internal(set) var received: UInt64?
  /// Frames that interface statistics say reached the capturing program (isb_usrdeliv), nil where the file does not say.
  public internal(set) var delivered: UInt64?

  /// The filter that it was recorded through.
  public internal(set) var filter: CaptureFilter?
  /// Frames that arrived and that a filter turned away, by interface statistics (isb_filteraccept below isb_ifrecv).
  public internal(set) var rejected: UInt64 = 0
  /// Frames that interface statistics say reached the capturing program, and that the file does not hold.
  public internal(set) var unrecorded: UInt64 = 0

  init(name: String?, linkType: LinkType, snapLength: UInt32, isSkipped: Bool) {
    self.name = name
    self.linkType = linkType
    self.snapLength = snapLength
    self.isSkipped = isSkipped
  }
}
