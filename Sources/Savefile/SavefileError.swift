public import Wire

/// Why a savefile could not be opened or read on, and where.
///
/// All frames before the position were delivered: damage never takes back what was read.
public struct SavefileError: Error, Hashable, Sendable {
  public let kind: Kind
  /// Byte offset of the record or block in the uncompressed stream. For `cannotRead` and errors of the
  /// compression: bytes of the underlying file read so far.
  public let position: UInt64

  init(_ kind: Kind, at position: UInt64 = 0) {
    self.kind = kind
    self.position = position
  }

  public enum Kind: Hashable, Sendable {
    /// open(2) failed; the code is errno.
    case cannotOpen(code: Int32)
    /// read(2) failed; the code is errno.
    case cannotRead(code: Int32)
    case noCapture(Appearance)
    case unsupportedVersion(SavefileFormat, major: UInt16, minor: UInt16)
    /// Bits of pcap's link-type field that have no meaning are set.
    case reservedLinkTypeBits(field: UInt32)
    case unsupportedLinkType(LinkType, interface: Int, name: String?)
    /// The stream ends inside a record: it needs so many bytes, so many are there.
    case cut(needed: UInt64, available: UInt64)
    case malformed(Malformation)
    case cutCompression(Compression)
    case corruptCompression(Compression, reason: String)
    /// A zstd frame asks for a window above the library's limit.
    case compressionWindowTooLarge
  }

  /// What a stream that is no capture looks like.
  public enum Appearance: Hashable, Sendable {
    case directory
    case empty
    case text
    /// Another capture format, or a variant of pcap that no public description fixes.
    case otherFormat(name: String)
    case otherCompression(name: String)
    case nestedCompression(Compression)
    case unknown(beginning: [UInt8])
  }

  /// How a record or block contradicts itself or its format.
  public enum Malformation: Hashable, Sendable {
    case capturedLength(UInt64, limit: UInt64)
    case blockLength(UInt32, minimum: UInt32)
    case blockLengthNotMultipleOfFour(UInt32)
    case blockTooLong(UInt32, limit: UInt32)
    case trailingLength(UInt32, leading: UInt32)
    case capturedLengthBeyondBlock(captured: UInt64, room: UInt64)
    case byteOrderMagic(UInt32)
    case undescribedInterface(UInt32, described: Int)
    case optionBeyondBlock(code: UInt16, length: Int, room: Int)
    case optionLength(code: UInt16, length: Int)
    case repeatedOption(code: UInt16)
    case interfaceCount(limit: Int)
    case checkSequenceLength(UInt8)
  }

  /// The input is no capture at all, or one of a kind that cannot be read: nothing was lost, it is the wrong input.
  public var isNoCapture: Bool {
    switch kind {
    case .noCapture, .unsupportedVersion, .reservedLinkTypeBits: true
    default: false
    }
  }

  public var isUnsupportedLinkType: Bool {
    if case .unsupportedLinkType = kind { true } else { false }
  }

  /// The file does not exist.
  public var isMissing: Bool {
    if case .cannotOpen(let code) = kind { FileDescriptor.isMissing(code) } else { false }
  }

  /// The file exists but may not be read.
  public var isPermission: Bool {
    if case .cannotOpen(let code) = kind { FileDescriptor.isPermission(code) } else { false }
  }
}

/// The two capture file formats.
public enum SavefileFormat: String, Hashable, Sendable {
  case pcap, pcapng
}
