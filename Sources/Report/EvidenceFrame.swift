import Summaries
import Wire

/// A frame of an evidence file, as a report shows it: redacted where the report is.
struct EvidenceFrame {
  private static let mostBytes = 256

  let interface: String
  let time: Timestamp
  let linkType: LinkType
  let direction: RecordDirection
  /// In bytes: what the link carried, and what the file has of it.
  let originalLength, capturedLength: Int
  let packet: DecodedPacket
  /// The first of them, at most 256.
  let bytes: [UInt8]

  init(_ frame: borrowing CapturedFrame, interface: String, _ redactor: Redactor?) {
    let whole =
      redactor.map { RedactedFrame.bytes(frame, $0) } ?? frame.bytes.copied
    let shown = CapturedFrame(
      bytes: whole.view, originalLength: frame.originalLength, timestamp: frame.timestamp,
      linkType: frame.linkType, interface: 0, recordDirection: frame.recordDirection)
    self.interface = interface
    time = frame.timestamp
    linkType = frame.linkType
    direction = frame.recordDirection
    originalLength = frame.originalLength
    capturedLength = whole.count
    packet = PacketDecoder.decode(shown)
    bytes = Array(whole.prefix(Self.mostBytes))
  }

  /// Whether the packet is of the leak's protocol and destination. A leak to further destinations may be of any.
  func shows(_ leak: Summary.LeakEntry) -> Bool {
    guard let destination = leak.destination else { return true }
    guard packet.network == .ip, packet.destination == destination else { return false }
    if let number = leak.protocol, packet.transport != .unknownProtocol, packet.protocolNumber != number {
      return false
    }
    guard let port = leak.port, packet.hasPorts, !packet.isICMP else { return true }
    return packet.destinationPort == port
  }
}
