/// The compression formats that a savefile may have.
public enum Compression: String, Hashable, Sendable {
  case gzip, zstd, xz, lz4

  /// Detects the format by the first four bytes: gzip RFC 1952 2.3.1; zstd RFC 8878 3.1, including skippable frames, which
  /// LZ4 has, too; xz and LZ4 by the beginning of their magics.
  init?(beginning bytes: [UInt8]) {
    switch bytes.count {
    case 2... where bytes[0] == 0x1F && bytes[1] == 0x8B: self = .gzip
    case 4... where bytes[..<4] == [0x28, 0xB5, 0x2F, 0xFD]: self = .zstd
    case 4... where bytes[0] & 0xF0 == 0x50 && bytes[1..<4] == [0x2A, 0x4D, 0x18]: self = .zstd
    case 4... where bytes[..<4] == [0xFD, 0x37, 0x7A, 0x58]: self = .xz
    case 4... where bytes[..<4] == [0x04, 0x22, 0x4D, 0x18]: self = .lz4
    default: return nil
    }
  }
}
