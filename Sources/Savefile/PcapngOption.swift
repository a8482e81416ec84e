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
