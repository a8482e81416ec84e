public import Wire

/// The live `FrameSource`: frames of the audited interfaces as they pass.
///
/// `advance` returns false if the ring is empty, though more frames may come, or if a frame came from an unknown
/// interface (`unknownIndex`).
public struct LiveCapture: ~Copyable, FrameSource {
  /// What a kernel interface index means. Indices are never reused while the machine runs.
  private struct Place: BitwiseCopyable {
    var index: UInt32
    /// The number that its frames carry, or -1 if they are skipped.
    var interface: Int
  }

  private var handle: PcapHandle
  /// Selects the interfaces in place of the handle, if the kernel counts.
  private var filter: KernelFilter?
  private let snapLength: Int
  private var places: [Place] = []
  private var interface = 0
  private var direction = RecordDirection.unknown
  /// libpcap counts in 32 bits; this is the sum of all increases.
  private var total = CaptureStatistics(received: 0, dropped: 0)
  private var latest = CaptureStatistics(received: 0, dropped: 0)

  /// The index of an unknown interface. Its frame waits until `place` says what the interface is.
  public private(set) var unknownIndex: UInt32?

  /// The link type that libpcap produces for every interface (`PcapHandle`).
  private static var linkType: LinkType { .linuxCooked2 }
  public static var headerLength: Int { LinkLayout(.linuxCooked2).length }
  /// How many interfaces are remembered. Frames of an interface that is gone may still be in the ring.
  private static var memory: Int { 1024 }

  /// Opens the capture (`OpenedCapture`). Sizes are in bytes; the snap length does not include the cooked header.
  init(snapLength: Int, bufferSize: Int) throws(CaptureError) {
    self.snapLength = snapLength
    let handle = try PcapHandle(
      snapLength: Int32(clamping: snapLength + Self.headerLength), bufferSize: Int32(clamping: bufferSize))
    // Pass no frames until `select` says what is audited.
    try handle.select([], newerThan: .max, snapLength: snapLength)
    self.handle = handle
  }

  /// Readable (poll(2)) when frames are waiting.
  public var descriptor: Int32 { handle.descriptor }

  public func select(_ indices: [UInt32], newerThan newest: UInt32) throws(CaptureError) {
    if filter != nil { return filter!.select(indices, newerThan: newest) }
    try handle.select(indices, newerThan: newest, snapLength: snapLength)
  }

  /// Has the kernel count frames of flows that the audit knows, and returns the memory in which it does
  /// (`counting.h`). Until the next `select` no frame passes.
  mutating func countInKernel(_ privileged: borrowing Privileged) throws(KernelRefusal) -> OpaquePointer {
    let filter = try KernelFilter(snapLength: snapLength, privileged)
    try filter.attach(to: handle.descriptor)
    let shared = unsafe filter.shared
    self.filter = consume filter
    return unsafe shared
  }

  public mutating func place(_ index: UInt32, as interface: Int?) {
    places.removeAll { $0.index == index }
    if places.count >= Self.memory { places.removeLast() }
    let place = Place(index: index, interface: interface ?? -1)
    // Audited interfaces are looked up for every frame, so they come first.
    if interface == nil { places.append(place) } else { places.insert(place, at: 0) }
  }

  public mutating func advance() throws(CaptureError) -> Bool {
    while true {
      if unknownIndex == nil, !(try handle.advance()) { return false }
      // libpcap writes the header.
      guard let (index, way) = arrival else { throw .failed("a frame came without its cooked header") }
      guard let place = number(index) else {
        unknownIndex = index
        return false
      }
      unknownIndex = nil
      if place < 0 { continue }
      interface = place
      direction = way
      return true
    }
  }

  /// The interface and direction of the frame that was read last. A frame that was not sent counts as received,
  /// whatever packet type the kernel gives it.
  private var arrival: (index: UInt32, way: RecordDirection)? {
    guard let header = try? LinkHeader(handle.span, Self.linkType),
      let index = LinkHeader.interfaceIndex(handle.span, Self.linkType)
    else { return nil }
    return (index, header.direction == .outgoing ? .outgoing : .incoming)
  }

  private func number(_ index: UInt32) -> Int? {
    for position in places.indices where places[position].index == index { return places[position].interface }
    return nil
  }

  public var frame: CapturedFrame {
    @_lifetime(borrow self) get {
      CapturedFrame(
        bytes: handle.span, originalLength: handle.originalLength, timestamp: handle.timestamp,
        linkType: Self.linkType, interface: interface, recordDirection: direction)
    }
  }

  /// What the capture received and lost since it was opened. Call it every few minutes: libpcap counts in 32 bits.
  public mutating func statistics() -> CaptureStatistics? {
    guard let now = handle.statistics() else { return nil }
    total.received += UInt64(UInt32(truncatingIfNeeded: now.received &- latest.received))
    total.dropped += UInt64(UInt32(truncatingIfNeeded: now.dropped &- latest.dropped))
    latest = now
    return total
  }
}
