/// The format of a stream, by its first four bytes.
struct FileMagic {
  enum Format {
    case pcap(PcapVariant)
    case pcapng
  }

  let format: Format
  let order: ByteOrder

  /// Throws if the stream is not a capture, or has a capture format that cannot be read.
  init(_ window: borrowing SavefileWindow) throws(SavefileError) {
    guard window.available >= 4 else { throw SavefileError(.noCapture(Self.appearance(window))) }
    for order in [ByteOrder.native, .swapped] {
      switch window.uint32(at: 0, order) {
      case 0xA1B2_C3D4: self.init(.pcap(.microseconds), order)
      case 0xA1B2_3C4D: self.init(.pcap(.nanoseconds), order)
      case 0xA1B2_CD34: self.init(.pcap(.modified), order)
      // This number is a palindrome; the block's own magic gives the byte order.
      case 0x0A0D_0D0A: self.init(.pcapng, order)
      default: continue
      }
      return
    }
    throw SavefileError(.noCapture(Self.appearance(window)))
  }

  private init(_ format: Format, _ order: ByteOrder) {
    self.format = format
    self.order = order
  }

  private static func appearance(_ window: borrowing SavefileWindow) -> SavefileError.Appearance {
    let bytes = window.copy(at: 0, atMost: 64)
    if bytes.isEmpty { return .empty }
    if let inner = Compression(beginning: bytes) { return .nestedCompression(inner) }
    for (beginning, name) in otherFormats where bytes.starts(with: beginning) || bytes.starts(with: beginning.swapped) {
      return .otherFormat(name: name)
    }
    for (beginning, name) in otherCompressions where bytes.starts(with: beginning) {
      return .otherCompression(name: name)
    }
    let isText = bytes[0] < 0x80 && bytes.allSatisfy(\.isText)
    return isText ? .text : .unknown(beginning: Array(bytes.prefix(4)))
  }

  /// Magics in libpcap's and Wireshark's sources whose layout is not public, and file formats of other analysers.
  private static let otherFormats: [(beginning: [UInt8], name: String)] = [
    ([0xA1, 0xB2, 0x34, 0xCD], "modified pcap of F. Mesquita"),
    ([0xA1, 0x2B, 0x3C, 0x4D], "Navtel pcap"),
    ([0xA1, 0xB2, 0xC3, 0xCD], "a1b2c3cd pcap"),
    ([0x1C, 0x00, 0x01, 0xAC], "Ixia hardware pcap"),
    ([0x1C, 0x00, 0x01, 0xAB], "Ixia software pcap"),
    (Array("snoop\0\0\0".utf8), "snoop"),
    (Array("btsnoop\0".utf8), "btsnoop"),
    (Array("RTSS".utf8), "Network Monitor 1"),
    (Array("GMBU".utf8), "Network Monitor 2"),
  ]

  private static let otherCompressions: [(beginning: [UInt8], name: String)] = [
    (Array("BZh".utf8), "bzip2"),
    ([0x02, 0x21, 0x4C, 0x18], "lz4's legacy format"),
    (Array("PK\u{3}\u{4}".utf8), "zip"),
  ]
}

extension [UInt8] {
  /// A four-byte magic as a machine of the other byte order writes it; longer ones have no byte order.
  fileprivate var swapped: [UInt8] { count == 4 ? reversed() : self }
}

extension UInt8 {
  /// Printable ASCII, white space, or a byte of a UTF-8 sequence.
  fileprivate var isText: Bool { (0x20..<0x7F).contains(self) || (0x09...0x0D).contains(self) || self >= 0x80 }
}
