import TestSupport
import Wire

/// What some writers of savefiles did, and what must not confuse a reader.
extension FormatCapture {
  private static let mix = StandardMix.ethernetIPv4

  static let oddities: [Self] = [
    // FCS length 2 in 16-bit units and the bit that says that it is given: four bytes behind each frame.
    Self(
      "odd-check-sequence.pcap",
      PcapFile(linkTypeBits: 0x2400_0000, linkType: .ethernet).bytes(
        mix.map { SampleFrame($0.bytes + [0xDE, 0xAD, 0xBE, 0xEF], .ethernet, time: $0.time) })),
    Self("odd-captured-beyond-snap-length.pcap", PcapFile(snapLength: 60, linkType: .ethernet).bytes(mix)),
    Self("odd-snap-length-zero.pcap", PcapFile(snapLength: 0, linkType: .ethernet).bytes(mix)),
    Self("odd-microseconds-overflow.pcap", overflowing),
    Self("odd-time-backwards.pcap", PcapFile(linkType: .ethernet).bytes(mix.enumerated().map(backwards))),
    Self(
      "odd-zero-length-record.pcap",
      PcapFile(linkType: .ethernet).bytes(mix + [SampleFrame([], .ethernet, time: StandardMix.time(8))]),
      Expectation(
        frames: 9, tunnel: 2, local: 1, leak: 3, ingress: 3, leaks: ["dns": 1, "icmp": 1, "undecodable": 1])),
    // The answer to the ping is cut: the leaks before it count, and outweigh the cut.
    Self(
      "odd-cut-last-record.pcap", PcapFile(linkType: .ethernet).bytes(mix).dropLast(10),
      Expectation(frames: 7, tunnel: 2, local: 1, leak: 2, ingress: 2)),
    Self(
      "odd-version-2.2.pcap", PcapFile(version: (2, 2), swapsLengths: true, linkType: .ethernet).bytes(snapped),
      unlikeTshark: "Wireshark swaps lengths only where the captured one is the greater"),
    Self(
      "odd-version-2.3.pcap", PcapFile(version: (2, 3), swapsLengths: true, linkType: .ethernet).bytes(snapped)),
  ]

  /// The last packet's tail was not captured, so that the order of the lengths matters.
  private static var snapped: [SampleFrame] {
    var frames = mix
    frames[7].originalLength = frames[7].bytes.count
    frames[7].bytes.removeLast(20)
    return frames
  }

  /// Seconds less, microseconds more.
  private static var overflowing: [UInt8] {
    let file = PcapFile(linkType: .ethernet)
    return file.header
      + mix.enumerated().flatMap { index, frame in
        file.record(frame, seconds: 1_699_999_998, fraction: 2_000_000 + UInt32(index) * 10_000)
      }
  }

  private static func backwards(_ index: Int, _ frame: SampleFrame) -> SampleFrame {
    var frame = frame
    frame.time = StandardMix.time(-index)
    return frame
  }
}

extension [UInt8] {
  func dropLast(_ count: Int) -> [UInt8] { Array(self[..<(self.count - count)]) }
}
