/// A pcap file written in one go, with microseconds, in this machine's byte order.
final class CaptureFile {
  private let file: OutputFile
  private var bytes: [UInt8] = []
  /// Where the frame that is being written begins.
  private var start = 0

  private static var limit: Int { 1 << 20 }

  /// `linkType` is a number of the LINKTYPE_ registry.
  init(_ path: String, linkType: UInt32) throws(Failure) {
    file = try OutputFile(path)
    bytes.reserveCapacity(Self.limit + 4096)
    for word: UInt32 in [0xA1B2_C3D4, 4 << 16 | 2, 0, 0, 262_144, linkType] { append(native: word) }
  }

  /// The header of a record of so many bytes, in microseconds since 2026-01-01.
  func begin(at time: UInt64, length: Int) {
    append(native: UInt32(1_767_225_600 + time / 1_000_000))
    append(native: UInt32(time % 1_000_000))
    append(native: UInt32(length))
    append(native: UInt32(length))
    start = bytes.count
  }

  func append(_ part: [UInt8]) { bytes.append(contentsOf: part) }

  func append(_ word: UInt16) { append(network: UInt64(word), bytes: 2) }

  func append(_ word: UInt32) { append(network: UInt64(word), bytes: 4) }

  func append(mac: UInt64) { append(network: mac, bytes: 6) }

  /// Puts an address at an offset of the frame that is being written.
  func put(_ address: [UInt8], at offset: Int) {
    for (index, byte) in address.enumerated() { bytes[start + offset + index] = byte }
  }

  func decrement(at offset: Int) { bytes[start + offset] &-= 1 }

  func flushIfFull() throws(Failure) {
    if bytes.count >= Self.limit { try flush() }
  }

  func flush() throws(Failure) {
    try Interruption.check()
    try file.write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  private func append(network word: UInt64, bytes count: Int) {
    for index in stride(from: count - 1, through: 0, by: -1) {
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * index)))
    }
  }

  private func append(native word: UInt32) { append(word.byteSwapped) }
}
