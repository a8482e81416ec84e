public import Wire

/// Why a savefile could not be opened or read further, and where.
///
/// All frames before the position were delivered: an error never takes back what was read.
public struct SavefileError: Error, Hashable, Sendable {
  public let kind: Kind
  /// The byte offset of the record or block in the uncompressed stream. For `cannotRead` and compression
  /// errors, the number of bytes read from the underlying file so far.
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
    /// Bits without a meaning are set in pcap's link-type field.
    case reservedLinkTypeBits(field: UInt32)
    case unsupportedLinkType(LinkType, interface: Int, name: String?)
    /// The stream ends inside a record: the bytes that the record needs, and those available.
    case cut(needed: UInt64, available: UInt64)
    case malformed(Malformation)
    case cutCompression(Compression)
    case corruptCompression(Compression, reason: String)
    /// Decompressing needs more memory than is allowed: a zstd window above the library's limit, or 128 MiB for xz.
    case compressionWindowTooLarge(Compression)
  }

  /// What a stream that is not a capture looks like.
  public enum Appearance: Hashable, Sendable {
    case directory
    case empty
    case text
    /// Another capture format, or a pcap variant without a public description.
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

  /// Whether the input is not a capture, or of a kind that cannot be read. Nothing was lost: it is the wrong input.
  public var isNoCapture: Bool {
    switch kind {
    case .noCapture, .unsupportedVersion, .reservedLinkTypeBits: true
    default: false
    }
  }

  public var isUnsupportedLinkType: Bool {
    if case .unsupportedLinkType = kind { true } else { false }
  }

  /// Whether the file does not exist.
  public var isMissing: Bool {
    if case .cannotOpen(let code) = kind { FileDescriptor.isMissing(code) } else { false }
  }

  /// Whether the file exists but may not be read.
  public var isPermission: Bool {
    if case .cannotOpen(let code) = kind { FileDescriptor.isPermission(code) } else { false }
  }
}

/// The two capture file formats.
public enum SavefileFormat: String, Hashable, Sendable {
  case pcap, pcapng
}
