import Glibc

/// An address as bytes, read by the C library, with the scopes of CONTRACT 1 and CONTRACT 2 written out once more.
struct OracleAddress: Hashable {
  let bytes: [UInt8]

  init?(_ text: String) {
    var buffer = [UInt8](repeating: 0, count: 16)
    let isIPv6 = text.contains(":")
    guard unsafe inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &buffer) == 1 else { return nil }
    bytes = isIPv6 ? buffer : Array(buffer.prefix(4))
  }

  private var isIPv4: Bool { bytes.count == 4 }

  func isIn(_ prefix: (address: OracleAddress, length: Int)) -> Bool {
    guard bytes.count == prefix.address.bytes.count else { return false }
    return (0..<prefix.length).allSatisfy { bit in
      let mask: UInt8 = 0x80 >> (bit % 8)
      return bytes[bit / 8] & mask == prefix.address.bytes[bit / 8] & mask
    }
  }

  func isIn(_ prefix: String) -> Bool { isIn(Self.prefix(prefix)) }

  /// The group ff0x::fb, whatever the scope x and the flags before it.
  var isMulticastDNS: Bool { isIn("ff00::/8") && Array(bytes[2...]) == [UInt8](repeating: 0, count: 13) + [0xFB] }

  static func prefix(_ text: String) -> (address: OracleAddress, length: Int) {
    let parts = text.split(separator: "/")
    guard let address = OracleAddress(String(parts[0])), let length = Int(parts[1]) else { fatalError(text) }
    return (address, length)
  }

  var isSiteLocal: Bool {
    isIn("10.0.0.0/8") || isIn("172.16.0.0/12") || isIn("192.168.0.0/16") || isIn("fc00::/7")
  }
  var isLinkLocal: Bool { isIn("169.254.0.0/16") || isIn("fe80::/10") }
  var isLoopback: Bool { isIn("127.0.0.0/8") || isIn("::1/128") }
  var isUnspecified: Bool { isIn("0.0.0.0/32") || isIn("::/128") }
  var isBroadcast: Bool { isIn("255.255.255.255/32") }
  var isMulticast: Bool { isIn("224.0.0.0/4") || isIn("ff00::/8") }
  var isLocalMulticast: Bool {
    if isIPv4 { return isIn("224.0.0.0/24") || isIn("239.0.0.0/8") }
    return isMulticast && [1, 2, 3, 4, 5, 8].contains(bytes[1] & 15)
  }
}
