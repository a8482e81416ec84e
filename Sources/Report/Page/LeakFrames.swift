package import Summaries
package import Wire

/// The first frames of leaks, found in an evidence file by their time, their interface and what they hold.
///
/// Bounded: the first `most` leaks have one, and of a frame `mostBytes` are kept.
package struct LeakFrames {
  private static let most = 200
  private static let mostBytes = 256
  /// Frames of the same moment on the same interface that are kept apart.
  private static let mostAtOnce = 4

  struct Frame {
    let interface: String
    let time: Timestamp
    let linkType: LinkType
    let direction: RecordDirection
    /// In bytes: what the link carried, and what the file has of it.
    let originalLength, capturedLength: Int
    let packet: DecodedPacket
    /// The first of them.
    let bytes: [UInt8]
  }

  /// In microseconds, as summaries tell times.
  private struct Place: Hashable {
    let microseconds: Int64
    let interface: String

    init(_ time: Timestamp, _ interface: String) {
      microseconds = time.nanoseconds.quotientAndRemainder(dividingBy: 1000).quotient
      self.interface = interface
    }
  }

  private var wanted: Set<Place> = []
  /// Under the interface's name as it is shown.
  private var found: [Place: [Frame]] = [:]

  /// Looks for the worst leaks of these summaries, as they are before redaction.
  package init(of summaries: [Summary]) {
    let leaks = summaries.flatMap { $0.toldLeaks.prefix(Self.most) }.sorted { $0.severity > $1.severity }
    for leak in leaks.prefix(Self.most) { wanted.insert(Place(leak.first, leak.interface)) }
  }

  /// Keeps a frame of the file, redacted where a redactor is given, if it is of a time that is looked for.
  package mutating func take(_ frame: borrowing CapturedFrame, interface: String, _ redactor: Redactor?) {
    guard wanted.contains(Place(frame.timestamp, interface)) else { return }
    let name = redactor?.word(interface) ?? interface
    let place = Place(frame.timestamp, name)
    guard found[place, default: []].count < Self.mostAtOnce else { return }
    let whole =
      redactor.map { RedactedFrame.bytes(frame, $0) } ?? (0..<frame.bytes.byteCount).map { frame.bytes.uint8(at: $0) }
    let shown = unsafe CapturedFrame(
      bytes: whole.span.bytes, originalLength: frame.originalLength, timestamp: frame.timestamp,
      linkType: frame.linkType,
      interface: 0, recordDirection: frame.recordDirection)
    found[place, default: []].append(
      Frame(
        interface: name, time: frame.timestamp, linkType: frame.linkType, direction: frame.recordDirection,
        originalLength: frame.originalLength, capturedLength: whole.count, packet: PacketDecoder.decode(shown),
        bytes: Array(whole.prefix(Self.mostBytes))))
  }

  /// Of a leak of the summary as it is shown: one whose packet is of the leak's protocol and destination.
  func frame(of leak: Summary.LeakEntry) -> Frame? {
    found[Place(leak.first, leak.interface)]?.first { Self.matches($0.packet, leak) }
  }

  private static func matches(_ packet: DecodedPacket, _ leak: Summary.LeakEntry) -> Bool {
    guard let destination = leak.destination else { return true }
    guard packet.network == .ip, packet.destination == destination else { return false }
    if let number = leak.protocol, packet.transport != .unknownProtocol, packet.protocolNumber != number {
      return false
    }
    guard let port = leak.port, packet.hasPorts, !packet.isICMP else { return true }
    return packet.destinationPort == port
  }
}
