import TestSupport
import Wire

/// One capture per file format and per feature of it.
extension FormatCapture {
  private static func pcap(
    _ name: String, _ variant: PcapFile.Variant, bigEndian: Bool = false
  ) -> Self {
    let file = PcapFile(variant: variant, isBigEndian: bigEndian, linkType: .ethernet)
    return Self("\(name).pcap", file.bytes(StandardMix.ethernetIPv4))
  }

  static let pcaps: [Self] = [
    pcap("pcap-microseconds-little-endian", .microseconds),
    pcap("pcap-microseconds-big-endian", .microseconds, bigEndian: true),
    pcap("pcap-nanoseconds-little-endian", .nanoseconds),
    pcap("pcap-nanoseconds-big-endian", .nanoseconds, bigEndian: true),
    pcap("pcap-modified", .modified),
    Self(
      "compressed-gzip.pcap.gz", PcapFile(linkType: .ethernet).bytes(StandardMix.ethernetIPv4), compression: .gzip),
    Self("compressed-zstd.pcapng.zst", plain(bigEndian: false), compression: .zstd),
  ]

  static let pcapngs: [Self] = [
    Self("pcapng-little-endian.pcapng", plain(bigEndian: false)),
    Self("pcapng-big-endian.pcapng", plain(bigEndian: true)),
    Self("pcapng-sections.pcapng", sections, .mix(times: 2)),
    Self("pcapng-interfaces.pcapng", interfaces, .mix(times: 3)),
    Self("pcapng-blocks.pcapng", blocks),
    Self("pcapng-flags.pcapng", flags),
    Self("pcapng-drops.pcapng", drops(StandardMix.ethernetIPv4)),
    Self(
      "pcapng-drops-without-leak.pcapng", drops(Array(StandardMix.ethernetIPv4.prefix(5))),
      Expectation(frames: 5, tunnel: 2, local: 1, leak: 0, ingress: 2, status: 3, leaks: [:])),
  ]

  private static func plain(bigEndian: Bool) -> [UInt8] {
    var file = PcapngFile()
    file.section(bigEndian: bigEndian)
    file.interface(.ethernet, name: "eth0")
    for frame in StandardMix.ethernetIPv4 { file.enhanced(frame) }
    return file.bytes
  }

  /// The second section in the other byte order; its interface 0 is not the first section's.
  private static var sections: [UInt8] {
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "eth0")
    for frame in StandardMix.ethernetIPv4 { file.enhanced(frame) }
    file.section(bigEndian: true)
    file.interface(.raw, name: "tun0")
    for frame in StandardMix.frames(.raw) { file.enhanced(frame) }
    return file.bytes
  }

  /// Three interfaces with a link type, a snap length and a clock of its own each, frames interleaved.
  private static var interfaces: [UInt8] {
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, snapLength: 65_535, name: "eth0")
    // if_tsresol: nanoseconds; 2^-20 s.
    file.interface(.linuxCooked, snapLength: 262_144, name: "any", [.init(code: 9, value: [9])])
    file.interface(
      .raw, name: "tun0",
      // if_tsoffset in seconds.
      [.init(code: 9, value: [0x80 | 20]), .init(code: 14, value: file.word(Int64(1_700_000_000)))])
    for (index, packet) in StandardMix.ipv4.enumerated() {
      let time = StandardMix.time(index)
      let since = UInt64(time.nanoseconds - 1_700_000_000_000_000_000)
      file.enhanced(SampleFrame(StandardMix.ethernetFrame(packet, .ipv4, index), .ethernet, time: time, interface: 0))
      file.enhanced(
        SampleFrame(
          cooked(packet, from: StandardMix.source(index)), .linuxCooked, time: time, interface: 1),
        ticks: UInt64(time.nanoseconds))
      file.enhanced(
        SampleFrame(packet, .raw, time: time, interface: 2), ticks: (since << 20) / 1_000_000_000)
    }
    return file.bytes
  }

  /// Enhanced, simple and obsolete packet blocks, and two blocks that are none (name resolution, custom).
  private static var blocks: [UInt8] {
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "eth0")
    for (index, frame) in StandardMix.ethernetIPv4.enumerated() {
      switch index % 3 {
      case 0: file.enhanced(frame, [.init(code: 1, value: Array("a comment".utf8))])
      case 1: file.simple(frame)
      default: file.obsolete(frame)
      }
    }
    file.block(4, [0, 0, 0, 0])
    file.block(0xBAD, file.word(UInt32(32_473)) + filler(8))
    return file.bytes
  }

  /// epb_flags that say the opposite of the addresses: without a role they prove nothing.
  private static var flags: [UInt8] {
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "br-stack")
    for (index, frame) in StandardMix.ethernetIPv4.enumerated() {
      file.enhanced(frame, [.init(code: 2, value: file.word(UInt32(StandardMix.isOutgoing(index) ? 1 : 2)))])
    }
    return file.bytes
  }

  private static func drops(_ frames: [SampleFrame]) -> [UInt8] {
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "eth0")
    for frame in frames { file.enhanced(frame) }
    file.statistics(interface: 0, received: UInt64(frames.count + 7), drops: 7)
    return file.bytes
  }
}
