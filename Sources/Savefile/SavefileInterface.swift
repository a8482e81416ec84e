public import Wire

/// An interface that a savefile describes, and what the file says about its losses.
///
/// pcap has one interface, without a name. pcapng describes any number. An interface of a later section with the name
/// and link type of an earlier one counts as the same interface, so that concatenated captures count as one.
public struct SavefileInterface: Hashable, Sendable {
  public let name: String?
  public let linkType: LinkType
  /// In bytes; 0 if the file sets no limit.
  public let snapLength: UInt32
  /// Whether its frames are skipped because its link type cannot be decoded.
  public let isSkipped: Bool
  /// Frames skipped for that reason.
  public internal(set) var skippedFrames: UInt64 = 0
  /// Frames that the interface or the system dropped: the count from interface statistics or from the
  /// packets themselves, whichever is greater.
  public internal(set) var drops: UInt64 = 0
  /// Frames that arrived according to interface statistics (isb_ifrecv). Nil if the file does not say.
  public internal(set) var received: UInt64?
  /// Frames that reached the capturing program according to statistics (isb_usrdeliv). Nil if the file does not say.
  public internal(set) var delivered: UInt64?

  /// The filter with which the interface was recorded. A log of netfilter holds what rules logged, and nothing that
  /// packet sockets sent past them.
  public internal(set) var filter: CaptureFilter?
  /// Frames that arrived but were rejected by a filter, by statistics (isb_filteraccept is below isb_ifrecv).
  public internal(set) var rejected: UInt64 = 0
  /// Frames that reached the capturing program according to interface statistics, but are not in the file.
  public internal(set) var unrecorded: UInt64 = 0

  init(name: String?, linkType: LinkType, snapLength: UInt32, isSkipped: Bool) {
    self.name = name
    self.linkType = linkType
    self.snapLength = snapLength
    self.isSkipped = isSkipped
    if linkType == .nflog { filter = .netfilterRules }
  }
}
