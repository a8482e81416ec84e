/// What the decoder learned about a frame. The value has a fixed size and no references, so it may
/// outlive the frame's bytes.
///
/// Decoding never fails as a whole. It returns what it understood and, in `error`, what stopped it. The
/// verdict decides whether the missing part was needed.
public struct DecodedPacket: Sendable, BitwiseCopyable {
  /// How far the decoder got.
  public enum Network: UInt8, Sendable, BitwiseCopyable {
    /// No IP header could be read: `error` says why.
    case undecodable
    /// A protocol of the link itself, such as ARP.
    case linkLayer
    /// An IP header was read: addresses are known.
    case ip
  }

  /// What is known about the header above IP.
  public enum Transport: UInt8, Sendable, BitwiseCopyable {
    /// The protocol itself is not known: the chain of extension headers is cut or malformed.
    case unknownProtocol
    /// The protocol is known, and it has no ports or its header could not be read.
    case protocolOnly
    /// The ports are known, but the header is cut after them or its length field is wrong.
    case ports
    /// The whole header is known, and so is the payload's length.
    case header
  }

  public var network = Network.undecodable
  public var transport = Transport.unknownProtocol
  public var fragment = FragmentState.whole
  /// The upper-layer protocol; meaningful unless `transport` is `unknownProtocol`.
  public var protocolNumber = IPProtocol.noNextHeader
  /// The protocol in the IP header itself, before any chain of headers. In IPv4 it helps to identify a datagram.
  public var headerProtocol = IPProtocol.noNextHeader
  public var linkDirection = RecordDirection.unknown
  /// TCP's flag byte, or ICMP's type.
  public var flagsOrType: UInt8 = 0
  /// Whether the packet names, or may name, destinations other than `destination`. `SourceRoute` reads them.
  public var hasSourceRoute = false
  public var source = IPAddress(v4: 0)
  public var destination = IPAddress(v4: 0)
  /// For ICMP echo both ports are the identifier.
  public var sourcePort: UInt16 = 0
  public var destinationPort: UInt16 = 0
  public var identification: UInt32 = 0
  /// Where the IP header begins and where the packet ends in the captured bytes.
  public var networkOffset: Int32 = 0
  public var packetEnd: Int32 = 0
  /// How many bytes at the frame's end were not captured.
  var missing: Int32 = 0
  /// The IP packet's length according to its header, or the rest of the frame if the header says 0.
  public var packetLength: Int32 = 0
  /// Where the upper-layer header begins in the captured bytes.
  public var transportOffset: Int32 = 0
  /// Where the transport payload begins in the captured bytes, and its length according to the length fields.
  public var payloadOffset: Int32 = 0
  public var payloadLength: Int32 = 0
  /// What stopped the decoder.
  public var error: WireError?

  public var isICMP: Bool { protocolNumber == .icmp || protocolNumber == .icmpv6 }

  public var hasPorts: Bool { transport.rawValue >= Transport.ports.rawValue }
}
