public import Wire

/// A frame with everything that a capture would record besides its bytes.
public struct SampleFrame: Sendable {
  public var bytes: [UInt8]
  public var linkType: LinkType
  /// If it differs from the captured length.
  public var originalLength: Int?
  public var time: Timestamp
  public var interface: Int
  public var direction: RecordDirection

  public init(
    _ bytes: [UInt8], _ linkType: LinkType = .raw, originalLength: Int? = nil,
    time: Timestamp = Timestamp(nanoseconds: 1_700_000_000_000_000_000), interface: Int = 0,
    direction: RecordDirection = .unknown
  ) {
    self.bytes = bytes
    self.linkType = linkType
    self.originalLength = originalLength
    self.time = time
    self.interface = interface
    self.direction = direction
  }

  /// The frame as sources lend it.
  public var captured: CapturedFrame {
    @_lifetime(borrow self) get {
      CapturedFrame(
        bytes: bytes.rawSpan, originalLength: originalLength ?? bytes.count, timestamp: time, linkType: linkType,
        interface: interface, recordDirection: direction)
    }
  }

  public var decoded: DecodedPacket { PacketDecoder.decode(captured) }
}

/// A source that returns the frames of a list, as a savefile would.
public struct FrameList: FrameSource, ~Copyable {
  private let storage: [UInt8]
  private let frames: [SampleFrame]
  private let starts: [Int]
  private var position = -1

  public init(_ frames: [SampleFrame]) {
    self.frames = frames
    storage = frames.flatMap(\.bytes)
    var next = 0
    starts = frames.map { frame in
      defer { next += frame.bytes.count }
      return next
    }
  }

  public mutating func advance() throws(Never) -> Bool {
    position += 1
    return position < frames.count
  }

  public var frame: CapturedFrame {
    @_lifetime(borrow self) get {
      let sample = frames[position]
      let range = starts[position]..<starts[position] + sample.bytes.count
      return CapturedFrame(
        bytes: storage.rawSpan.extracting(range), originalLength: sample.originalLength ?? sample.bytes.count,
        timestamp: sample.time, linkType: sample.linkType, interface: sample.interface,
        recordDirection: sample.direction)
    }
  }
}
