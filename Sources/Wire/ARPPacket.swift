/// An ARP packet for IPv4 over Ethernet (RFC 826):
///
///      0          2          4    5    6           8            14           18           24           28
///     +----------+----------+----+----+-----------+------------+------------+------------+------------+
///     | hardware | protocol | hw | pr | operation | sender MAC | sender     | target MAC | target     |
///     | type     | type     | len| len|           |            | IPv4       |            | IPv4       |
///     +----------+----------+----+----+-----------+------------+------------+------------+------------+
public struct ARPPacket: Hashable, Sendable, BitwiseCopyable {
  public enum Operation: UInt16, Sendable, BitwiseCopyable {
    case request = 1
    case reply = 2
  }

  public let operation: Operation
  public let senderMAC: MACAddress
  public let sender: IPAddress
  public let target: IPAddress

  static var length: Int { 28 }

  /// Reads a packet from its first byte. Nil if it is cut, or not a request or reply for IPv4 over Ethernet.
  public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.length, bytes.uint16(at: 0) == 1, bytes.uint16(at: 2) == EtherType.ipv4.rawValue,
      bytes.uint16(at: 4) == 0x0604, let operation = Operation(rawValue: bytes.uint16(at: 6))
    else { return nil }
    self.operation = operation
    senderMAC = MACAddress(bytes.uint64(at: 8) >> 16)
    sender = bytes.ipv4Address(at: 14)
    target = bytes.ipv4Address(at: 24)
  }

  /// Finds the packet after a link header with an EtherType, and after any VLAN tags. Nil if there is none.
  public init?(_ frame: borrowing CapturedFrame) {
    guard let header = try? LinkHeader(frame), case (.etherType(var type), var offset)? = try? header.next() else {
      return nil
    }
    while [.vlan, .serviceVLAN, .stackedVLAN, .stackedVLAN2].contains(type) {
      guard let tag = try? VLANTag(frame.bytes.extracting(droppingFirst: offset)) else { return nil }
      (offset, type) = (offset + VLANTag.length, tag.etherType)
    }
    guard type == .arp else { return nil }
    self.init(frame.bytes.extracting(droppingFirst: offset))
  }

  /// Whether this is a probe for an address, or an announcement of the sender's own address (RFC 5227).
  public var isProbeOrAnnouncement: Bool { sender.isUnspecified || sender == target }
}
