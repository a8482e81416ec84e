/// pcapng block types (draft-ietf-opsawg-pcapng, section 11.1) that are read or written; others are skipped by length.
enum PcapngBlock {
  static var sectionHeader: UInt32 { 0x0A0D_0D0A }
  static var interfaceDescription: UInt32 { 1 }
  /// Obsolete, Appendix A.
  static var packet: UInt32 { 2 }
  static var simplePacket: UInt32 { 3 }
  static var interfaceStatistics: UInt32 { 5 }
  static var enhancedPacket: UInt32 { 6 }

  /// Type, length, and the length again.
  static var overhead: Int { 12 }
  /// The longest block that is read in one piece, in bytes: the longest frame, and room for its options.
  static var greatestLength: UInt32 { 17 << 20 }

  static var byteOrderMagic: UInt32 { 0x1A2B_3C4D }

  /// The length of a value of `count` bytes with its padding to 32 bits.
  static func padded(_ count: Int) -> Int { (count + 3) & ~3 }
}
