package import Wire

/// pcapng blocks as bytes (draft-ietf-opsawg-pcapng), little-endian. Pure: who writes them where is not
/// decided here.
package enum PcapngEncoding {
  /// The longest comment, in bytes of UTF-8; a longer one is cut between two scalars.
  package static let commentLimit = 4096

  //      0      4        8     12      14      16               24
  //     +------+--------+-----+-------+-------+----------------+---------+--------+
  //     | type | length | BOM | major | minor | section length | options | length |
  //     +------+--------+-----+-------+-------+----------------+---------+--------+

  /// Begins a section of unknown length (section 4.1). `application` is shb_userappl.
  package static func sectionHeader(application: String) -> [UInt8] {
    var body: [UInt8] = []
    append(PcapngBlock.byteOrderMagic, to: &body)
    append(1 as UInt16, to: &body)
    append(0 as UInt16, to: &body)
    append(UInt64.max, to: &body)
    append(option: 4, text(application), to: &body)
    append(option: PcapngOption.end, [], to: &body)
    return block(PcapngBlock.sectionHeader, body)
  }

  //      0      4        8           10         12            16
  //     +------+--------+-----------+----------+-------------+---------+--------+
  //     | type | length | link type | reserved | snap length | options | length |
  //     +------+--------+-----------+----------+-------------+---------+--------+

  /// Describes an interface (section 4.2); its number is how many were described before. Times are nanoseconds.
  package static func interfaceDescription(name: String, linkType: LinkType, snapLength: Int) -> [UInt8] {
    var body: [UInt8] = []
    append(linkType.rawValue, to: &body)
    append(0 as UInt16, to: &body)
    append(UInt32(clamping: snapLength), to: &body)
    append(option: PcapngOption.interfaceName, text(name), to: &body)
    append(option: PcapngOption.timestampResolution, [9], to: &body)
    append(option: PcapngOption.end, [], to: &body)
    return block(PcapngBlock.interfaceDescription, body)
  }

  //      0      4        8           12     16    20         24         28
  //     +------+--------+-----------+------+-----+----------+----------+-------+---------+--------+
  //     | type | length | interface | high | low | captured | original | frame | options | length |
  //     +------+--------+-----------+------+-----+----------+----------+-------+---------+--------+

  /// One frame (section 4.3). `interface` is the number of its description.
  package static func enhancedPacket(
    interface: Int, timestamp: Timestamp, bytes: [UInt8], originalLength: Int, direction: RecordDirection,
    comment: String?
  ) -> [UInt8] {
    // Before 1970 there is no time in the format.
    let ticks = UInt64(max(0, timestamp.nanoseconds))
    var body: [UInt8] = []
    body.reserveCapacity(bytes.count + 64)
    append(UInt32(clamping: interface), to: &body)
    append(UInt32(truncatingIfNeeded: ticks >> 32), to: &body)
    append(UInt32(truncatingIfNeeded: ticks), to: &body)
    append(UInt32(clamping: bytes.count), to: &body)
    append(UInt32(clamping: max(originalLength, bytes.count)), to: &body)
    appendPadded(bytes, to: &body)
    if let comment { append(option: 1, text(comment), to: &body) }
    let flags: UInt32? =
      switch direction {
      case .incoming: 1
      case .outgoing: 2
      case .unknown: nil
      }
    if let flags {
      var value: [UInt8] = []
      append(flags, to: &value)
      append(option: PcapngOption.flags, value, to: &body)
    }
    if comment != nil || flags != nil { append(option: PcapngOption.end, [], to: &body) }
    return block(PcapngBlock.enhancedPacket, body)
  }

  private static func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
    let length = UInt32(clamping: body.count + PcapngBlock.overhead)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(length))
    append(type, to: &bytes)
    append(length, to: &bytes)
    bytes += body
    append(length, to: &bytes)
    return bytes
  }

  /// Code, length without padding, value (section 3.5).
  private static func append(option code: UInt16, _ value: [UInt8], to body: inout [UInt8]) {
    append(code, to: &body)
    append(UInt16(clamping: value.count), to: &body)
    appendPadded(value, to: &body)
  }

  private static func appendPadded(_ bytes: [UInt8], to body: inout [UInt8]) {
    body += bytes
    body += repeatElement(0, count: PcapngBlock.padded(bytes.count) - bytes.count)
  }

  private static func append<Word: FixedWidthInteger>(_ word: Word, to body: inout [UInt8]) {
    for shift in 0..<Word.bitWidth / 8 {
      let byte = UInt8(truncatingIfNeeded: word >> (shift * 8))
      body.append(byte)
    }
  }

  private static func text(_ text: String) -> [UInt8] {
    if text.utf8.count <= commentLimit { return Array(text.utf8) }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      let encoded = Array(String(scalar).utf8)
      if bytes.count + encoded.count > commentLimit { break }
      bytes += encoded
    }
    return bytes
  }
}
