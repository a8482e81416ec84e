public import Wire

/// Frames from a pcap or pcapng savefile (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), in the file's order.
///
/// Reads any stream once, in a window of bounded size; the file may still be growing. One type serves both formats,
/// so a frame costs one branch and no indirection. The `advance` that meets damage throws, after all frames before it
/// were delivered; from then on `advance` returns false.
public struct SavefileReader: ~Copyable, FrameSource {
  enum Phase: BitwiseCopyable {
    case pcap, pcapng, ended
  }

  /// The largest captured length accepted unless the snap length is larger, in bytes: tcpdump's limit.
  static var usualCaptureLimit: UInt32 { 262_144 }
  /// The largest captured length accepted at all, in bytes.
  static var greatestCaptureLimit: UInt32 { 16 << 20 }
  /// How many interfaces a file may describe, and how many bytes of a name are kept. This bounds the memory for a file.
  static var greatestInterfaceCount: Int { 1 << 16 }
  static var greatestNameLength: Int { 256 }

  public let name: String
  public private(set) var format = SavefileFormat.pcap
  /// Interfaces described so far; pcapng may describe more between its frames.
  public internal(set) var interfaces: [SavefileInterface] = []

  let skipUnsupported: Bool
  var window: SavefileWindow
  var phase = Phase.ended
  var order = ByteOrder.native
  /// Bytes of the record at the window's cursor that the next `advance` passes over.
  var recordLength = 0
  var pcap = PcapLayout()
  /// What the current section's interface numbers mean.
  var section: [SectionInterface] = []
  /// The interfaces of each name and link type, in the order of their descriptions, and how many of them the current
  /// section has described.
  var namesakes: [InterfaceKey: [Int]] = [:]
  var namesInSection: [InterfaceKey: Int] = [:]
  /// The section's latest frames, all of one interface, which the section's own counts do not include yet.
  var row: (interface: UInt32, frames: UInt64) = (0, 0)

  public internal(set) var number = 0

  // The frame that `advance` moved to. Its bytes are in the window, counted from the cursor. The order differs from
  // `CapturedFrame`: two words stored one by one and copied as a pair wait for each other (5 ns a frame).
  var timestamp = Timestamp(nanoseconds: 0)
  var frameStart = 0
  var originalLength = 0
  var capturedLength = 0
  var interface = 0
  var linkType = LinkType.null
  var direction = RecordDirection.unknown

  /// Reads the stream's first bytes, detects its format, and reads the file header.
  ///
  /// With `skipUnsupported`, interfaces whose link type cannot be decoded are kept and their frames skipped.
  /// Without it, such an interface is an error.
  public init(_ stream: consuming ByteStream, skipUnsupported: Bool = false) throws(SavefileError) {
    try self.init(stream, skipUnsupported: skipUnsupported, windowCapacity: SavefileWindow.usualCapacity)
  }

  package init(
    _ stream: consuming ByteStream, skipUnsupported: Bool, windowCapacity: Int
  ) throws(SavefileError) {
    name = stream.name
    self.skipUnsupported = skipUnsupported
    window = SavefileWindow(stream, capacity: windowCapacity)
    try begin()
  }

  private mutating func begin() throws(SavefileError) {
    try window.detectCompression()
    try window.fill(4)
    let magic = try FileMagic(window)
    order = magic.order
    switch magic.format {
    case .pcap(let variant):
      format = .pcap
      try readPcapHeader(variant)
      phase = .pcap
    case .pcapng:
      format = .pcapng
      guard try readSectionHeader() else { throw cut(needed: 28) }
      phase = .pcapng
    }
  }

  public var interfaceCount: Int { interfaces.count }

  /// The byte offset, in the uncompressed stream, of the record that is being read.
  public var position: UInt64 { window.position }

  /// Bytes read from the underlying file so far, before any decompression.
  public var bytesRead: UInt64 { window.stream.bytesRead }

  /// The underlying file's size when it was opened, if it is a regular file.
  public var fileSize: UInt64? { window.stream.fileSize }

  /// Whether the stop flag ended the stream.
  public var wasStopped: Bool { window.stream.wasStopped }

  @inline(__always)
  public mutating func advance() throws(SavefileError) -> Bool {
    do throws(SavefileError) {
      switch phase {
      case .pcap: if try advancePcap() { return true }
      case .pcapng: if try advancePcapng() { return true }
      case .ended: return false
      }
    } catch {
      end()
      throw error
    }
    end()
    return false
  }

  public var frame: CapturedFrame {
    @_lifetime(borrow self) @inline(__always) get {
      let frame = CapturedFrame(
        bytes: window.bytes(at: frameStart, count: capturedLength), originalLength: originalLength,
        timestamp: timestamp, linkType: linkType, interface: interface, recordDirection: direction)
      // The window is part of self, so its bytes live as long. Swift 6.3 does not see this for a value of this size.
      return unsafe _overrideLifetime(frame, borrowing: self)
    }
  }

  /// Leaves an empty frame, and nothing for the next `advance` to skip.
  private mutating func end() {
    if phase == .pcapng { endSection() }
    phase = .ended
    recordLength = 0
    frameStart = 0
    capturedLength = 0
    originalLength = 0
  }

  /// Reads until the record at the cursor has `count` bytes. Returns false if the stream ends before the record begins,
  /// or was stopped. Throws if the stream ends inside the record.
  @inline(never)
  mutating func refill(_ count: Int) throws(SavefileError) -> Bool {
    try window.fill(count)
    if window.available >= count { return true }
    if window.available == 0 || window.stream.wasStoppedEarly { return false }
    throw cut(needed: UInt64(count))
  }

  func cut(needed: UInt64) -> SavefileError {
    SavefileError(.cut(needed: needed, available: UInt64(window.available)), at: window.position)
  }

  func malformed(_ malformation: SavefileError.Malformation) -> SavefileError {
    SavefileError(.malformed(malformation), at: window.position)
  }

  /// The largest captured length accepted with a given snap length.
  static func captureLimit(snapLength: UInt32) -> UInt32 {
    max(usualCaptureLimit, min(snapLength, greatestCaptureLimit))
  }
}
