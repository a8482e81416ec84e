/// The offsets of the fields in a link header, in bytes from the frame's beginning.
///
/// The decoder, the auditor's stations, live capture and redaction all use this layout. A new kind of header is
/// therefore known to all of them: its addresses are masked and its protocol is found, or the code does not compile.
///
///     Ethernet II and IEEE 802.3, without preamble and check sequence (IEEE 802.3 clause 3)
///      0              6             12      14
///     +--------------+--------------+------+---------
///     | destination  | source       | type | payload
///     +--------------+--------------+------+---------
///
///     Linux cooked capture, version 1 (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html)
///      0        2         4           6              14         16
///     +--------+---------+-----------+--------------+----------+--------
///     | packet | ARPHRD_ | address   | source       | protocol | payload
///     | type   | type    | length    | address      |          |
///     +--------+---------+-----------+--------------+----------+--------
///
///     Linux cooked capture, version 2 (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html)
///      0          2          4           8         10       11        12             20
///     +----------+----------+-----------+---------+--------+---------+--------------+--------
///     | protocol | reserved | interface | ARPHRD_ | packet | address | source       | payload
///     |          |          | index     | type    | type   | length  | address      |
///     +----------+----------+-----------+---------+--------+---------+--------------+--------
///
///     Linux netfilter log (https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html); attributes follow, each padded to four
///     bytes, in the byte order of the machine
///      0        1         2       4        6      8
///     +--------+---------+-------+--------+------+-------+---
///     | family | version | group | length | type | value | ...
///     +--------+---------+-------+--------+------+-------+---
public struct LinkLayout: Sendable {
  /// The header's minimum length.
  public let length: Int
  /// The layer that errors name if the header is cut.
  let layer: WireError.Layer
  /// Where the six octets of each station's address begin.
  public var destination: Int?
  public var source: Int?
  /// The EtherType, two bytes.
  var protocolType: Int?
  /// The fields from the kernel: the frame's direction, hardware type, length of the source address, and interface.
  var packetType: Range<Int>?
  var hardwareType: Range<Int>?
  var addressLength: Range<Int>?
  var interfaceIndex: Range<Int>?

  @inline(__always)
  private init(_ length: Int, _ layer: WireError.Layer) {
    self.length = length
    self.layer = layer
  }

  @inline(__always)
  public init(_ framing: LinkType.Framing) {
    switch framing {
    case .ethernet:
      self.init(14, .ethernet)
      (destination, source, protocolType) = (0, 6, 12)
    case .linuxCooked:
      self.init(16, .linuxCooked)
      (source, protocolType) = (6, 14)
      (packetType, hardwareType, addressLength) = (0..<2, 2..<4, 4..<6)
    case .linuxCooked2:
      self.init(20, .linuxCooked)
      (source, protocolType) = (12, 0)
      (interfaceIndex, hardwareType, packetType, addressLength) = (4..<8, 8..<10, 10..<11, 11..<12)
    case .addressFamily, .nflog: self.init(4, .family)
    case .ppp: self.init(2, .ppp)
    case .hdlc: self.init(4, .ppp)
    case .pppoe: self.init(6, .pppoe)
    case .ip, .ipv4, .ipv6: self.init(0, .linkLayer)
    }
  }

  /// Where the stations' addresses begin.
  public var stations: [Int] { [destination, source].compactMap { $0 } }

  /// The fields that no station sent, and that say nothing about a station.
  public var kernelFields: [Range<Int>] {
    [packetType, hardwareType, addressLength, interfaceIndex].compactMap { $0 }
  }
}

extension LinkType {
  /// Whether each frame names its own interface of the machine, as `tcpdump -i any` writes it.
  public var namesInterfaces: Bool { framing.map { LinkLayout($0).interfaceIndex != nil } ?? false }
}
