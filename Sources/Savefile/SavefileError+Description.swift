import Wire

/// Each description is one sentence, to be printed after the file's name and a colon.
extension SavefileError: CustomStringConvertible {
  public var description: String {
    switch kind {
    case .cannotOpen(let code):
      "cannot be opened: \(FileDescriptor.message(code))"
    case .cannotRead(let code):
      "reading failed after \(position) bytes: \(FileDescriptor.message(code)); all frames before were read"
    case .noCapture(let appearance):
      "is not a capture: it \(appearance.words)"
    case .unsupportedVersion(let format, let major, let minor):
      "is \(format.rawValue) version \(major).\(minor), whose layout is not known; "
        + "convert it with the program that wrote it"
    case .reservedLinkTypeBits(let field):
      "has reserved bits set in its link-type field (0x\(field.hexadecimal)), so its link type is uncertain; "
        + "correct the field at byte 20 if you know it"
    case .unsupportedLinkType(let linkType, let interface, let name):
      "has an interface (\(name ?? "number \(interface)"), described at byte \(position)) of type \(linkType), "
        + "which cannot be audited; skip unsupported interfaces or capture on another"
    case .cut(let needed, let available):
      "is cut: the record at byte \(position) needs \(needed) bytes, but only \(available) are there; "
        + "all frames before were read"
    case .malformed(let malformation):
      "is damaged at byte \(position): \(malformation.words); all frames before it were read, nothing after it can be"
    case .cutCompression(let compression):
      "is cut: its \(compression.rawValue) stream breaks off at byte \(position); all frames before were read"
    case .corruptCompression(let compression, let reason):
      "is damaged before byte \(position) of its \(compression.rawValue) stream (\(reason)); "
        + "all frames before were read"
    case .compressionWindowTooLarge(let compression):
      "was compressed with \(compression.rawValue) so that it needs more than 128 MiB of memory; decompress it first: "
        + (compression == .zstd ? "zstd -d --long=31" : "\(compression.rawValue) -d")
    }
  }
}

extension SavefileError.Appearance {
  var words: String {
    switch self {
    case .directory: "is a directory; name the files in it"
    case .empty: "is empty"
    case .text: "begins with text"
    case .otherFormat(let name): "is in the \(name) format; convert it to pcapng, for example with editcap"
    case .otherCompression(let name): "is compressed with \(name); decompress it first"
    case .nestedCompression(let inner): "is compressed twice (\(inner.rawValue) inside); decompress it once"
    case .unknown(let bytes):
      "begins with \(bytes.map(\.hexadecimal).joined(separator: " ")), which no known format does"
    }
  }
}

extension SavefileError.Malformation {
  var words: String {
    switch self {
    case .capturedLength(let captured, let limit): "a captured length of \(captured) bytes, above the limit of \(limit)"
    case .blockLength(let length, let minimum): "a block length of \(length), below its minimum of \(minimum)"
    case .blockLengthNotMultipleOfFour(let length): "a block length of \(length), which is not a multiple of 4"
    case .blockTooLong(let length, let limit): "a block length of \(length), above the limit of \(limit)"
    case .trailingLength(let trailing, let leading):
      "a block that begins with length \(leading) and ends with \(trailing)"
    case .capturedLengthBeyondBlock(let captured, let room):
      "a captured length of \(captured) bytes in a block with room for \(room)"
    case .byteOrderMagic(let word): "a section header whose byte-order magic is 0x\(word.hexadecimal)"
    case .undescribedInterface(let interface, let described):
      "a packet of interface \(interface), where \(described) interfaces are described"
    case .optionBeyondBlock(let code, let length, let room):
      "option \(code) with \(length) bytes where the block has room for \(room)"
    case .optionLength(let code, let length): "option \(code) with an impossible length of \(length)"
    case .repeatedOption(let code): "option \(code) given twice"
    case .interfaceCount(let limit): "more than \(limit) interfaces, which is too many"
    case .checkSequenceLength(let length): "a frame check sequence length of \(length), neither in bytes nor in bits"
    }
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// All digits, with leading zeros.
  fileprivate var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.count) + digits
  }
}
