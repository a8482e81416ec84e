import TestSupport
import Wire

/// Writes pcap savefiles, as draft-ietf-opsawg-pcap and its predecessors lay them out.
struct PcapFile {
  enum Variant { case microseconds, nanoseconds, modified }

  var variant = Variant.microseconds
  var isBigEndian = false
  var version: (major: UInt16, minor: UInt16) = (2, 4)
  var snapLength: UInt32 = 262_144
  /// Or-ed into the link-type field: the check sequence's length.
  var linkTypeBits: UInt32 = 0
  /// Before 2.3 the original length came first.
  var swapsLengths = false
  var linkType: LinkType

  func bytes(_ frames: [SampleFrame]) -> [UInt8] { header + frames.flatMap(record) }

  var header: [UInt8] {
    let magic: UInt32 =
      switch variant {
      case .microseconds: 0xA1B2_C3D4
      case .nanoseconds: 0xA1B2_3C4D
      case .modified: 0xA1B2_CD34
      }
    return word(magic) + word(version.major) + word(version.minor) + word(UInt32(0)) + word(UInt32(0))
      + word(snapLength) + word(UInt32(linkType.rawValue) | linkTypeBits)
  }

  func record(_ frame: SampleFrame) -> [UInt8] {
    let unit: Int64 = variant == .nanoseconds ? 1 : 1000
    let seconds = UInt32(frame.time.nanoseconds / 1_000_000_000)
    return record(frame, seconds: seconds, fraction: UInt32(frame.time.nanoseconds % 1_000_000_000 / unit))
  }

  func record(_ frame: SampleFrame, seconds: UInt32, fraction: UInt32) -> [UInt8] {
    let captured = UInt32(frame.bytes.count)
    let original = UInt32(frame.originalLength ?? frame.bytes.count)
    var bytes = word(seconds) + word(fraction)
    bytes += swapsLengths ? word(original) + word(captured) : word(captured) + word(original)
    if variant == .modified {
      // Interface index, protocol, packet type, padding.
      let type: UInt8 = frame.direction == .outgoing ? 4 : 0
      bytes += word(UInt32(2)) + word(UInt16(0x0800)) + [type, 0]
    }
    return bytes + frame.bytes
  }

  private func word<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    isBigEndian ? bigEndian(value) : littleEndian(value)
  }
}
