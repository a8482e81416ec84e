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

/// Option codes (sections 3.5, 4.1 to 4.6) that are read or written. Their meaning depends on the block.
enum PcapngOption {
  static var end: UInt16 { 0 }
  static var comment: UInt16 { 1 }
  // Section header
  static var operatingSystem: UInt16 { 3 }
  static var application: UInt16 { 4 }
  // Interface description
  static var interfaceName: UInt16 { 2 }
  static var interfaceDescription: UInt16 { 3 }
  static var timestampResolution: UInt16 { 9 }
  static var checkSequenceLength: UInt16 { 13 }
  static var timestampOffset: UInt16 { 14 }
  static var filter: UInt16 { 11 }
  // Interface statistics
  static var received: UInt16 { 4 }
  static var interfaceDrops: UInt16 { 5 }
  static var accepted: UInt16 { 6 }
  static var systemDrops: UInt16 { 7 }
  static var delivered: UInt16 { 8 }
  // Packets
  static var flags: UInt16 { 2 }
  static var dropCount: UInt16 { 4 }
}
