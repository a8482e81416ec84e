import Wire

/// The two ends of a conversation, as its initiator sees them.
struct Ends {
  var source: IPAddress
  var destination: IPAddress
  var sourcePort: UInt16 = 0
  var destinationPort: UInt16 = 0
  /// The last byte of the addresses of the container that sends or receives.
  var station: UInt8 = 2

  var reversed: Ends {
    Ends(
      source: destination, destination: source, sourcePort: destinationPort, destinationPort: sourcePort,
      station: station)
  }

  /// A container's address.
  static func container(_ station: UInt8, isIPv6: Bool = false) -> IPAddress {
    isIPv6
      ? IPAddress(v6High: 0xFD00_AC12_0000_0000, low: UInt64(station)) : IPAddress(v4: 0xAC12_0000 | UInt32(station))
  }

  /// The host's address on the NIC.
  static func host(isIPv6: Bool) -> IPAddress {
    isIPv6 ? IPAddress(v6High: 0x2001_0DB8_0001_0000, low: 0x10) : IPAddress(v4: 0xC0A8_010A)
  }

  /// One of 2^17 addresses that nobody has (RFC 2544), or one of as many of RFC 3849.
  static func outside(_ number: UInt64, isIPv6: Bool = false) -> IPAddress {
    isIPv6
      ? IPAddress(v6High: 0x2001_0DB8_0002_0000, low: number % 131_072)
      : IPAddress(v4: 0xC612_0000 | UInt32(number % 131_072))
  }
}
