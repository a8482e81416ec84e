import TestSupport
import Wire

/// Writes pcapng savefiles block by block (draft-ietf-opsawg-pcapng).
struct PcapngFile {
  struct Option {
    var code: UInt16
    var value: [UInt8]
  }

  private(set) var bytes: [UInt8] = []
  private(set) var isBigEndian = false

  mutating func section(bigEndian: Bool = false) {
    isBigEndian = bigEndian
    block(0x0A0D_0D0A, word(UInt32(0x1A2B_3C4D)) + word(UInt16(1)) + word(UInt16(0)) + word(UInt64.max))
  }

  mutating func interface(_ linkType: LinkType, snapLength: UInt32 = 0, name: String? = nil, _ options: [Option] = []) {
    let named = name.map { [Option(code: 2, value: Array($0.utf8))] } ?? []
    block(1, word(linkType.rawValue) + word(UInt16(0)) + word(snapLength) + list(named + options))
  }

  /// Enhanced Packet Block; `ticks` where the time is not the frame's in microseconds.
  mutating func enhanced(_ frame: SampleFrame, ticks: UInt64? = nil, _ options: [Option] = []) {
    let (high, low) = time(frame, ticks)
    block(
      6, word(UInt32(frame.interface)) + word(high) + word(low) + lengths(frame) + padded(frame.bytes) + list(options))
  }

  /// Simple Packet Block: the first interface's, without a time.
  mutating func simple(_ frame: SampleFrame) {
    block(3, word(UInt32(frame.originalLength ?? frame.bytes.count)) + padded(frame.bytes))
  }

  /// The obsolete Packet Block.
  mutating func obsolete(_ frame: SampleFrame, drops: UInt16 = 0) {
    let (high, low) = time(frame, nil)
    let head = word(UInt16(frame.interface)) + word(drops) + word(high) + word(low)
    block(2, head + lengths(frame) + padded(frame.bytes))
  }

  mutating func statistics(interface: UInt32, received: UInt64, drops: UInt64) {
    statistics(interface: interface, [Option(code: 4, value: word(received)), Option(code: 5, value: word(drops))])
  }

  mutating func statistics(interface: UInt32, _ options: [Option]) {
    block(5, word(interface) + [0, 0, 0, 0, 0, 0, 0, 0] + list(options))
  }

  mutating func block(_ type: UInt32, _ body: [UInt8]) {
    let length = UInt32(12 + body.count)
    bytes += word(type) + word(length) + body + word(length)
  }

  /// Bytes that are no whole block.
  mutating func damage(_ damage: [UInt8]) { bytes += damage }

  func word<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    isBigEndian ? TestSupport.bigEndian(value) : littleEndian(value)
  }

  private func time(_ frame: SampleFrame, _ ticks: UInt64?) -> (UInt32, UInt32) {
    let ticks = ticks ?? UInt64(frame.time.nanoseconds / 1000)
    return (UInt32(ticks >> 32), UInt32(truncatingIfNeeded: ticks))
  }

  private func lengths(_ frame: SampleFrame) -> [UInt8] {
    word(UInt32(frame.bytes.count)) + word(UInt32(frame.originalLength ?? frame.bytes.count))
  }

  private func list(_ options: [Option]) -> [UInt8] {
    guard !options.isEmpty else { return [] }
    return options.flatMap { word($0.code) + word(UInt16($0.value.count)) + padded($0.value) } + [0, 0, 0, 0]
  }

  private func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + filler((4 - bytes.count % 4) % 4, 0) }
}
