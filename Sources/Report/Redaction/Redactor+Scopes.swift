import Cryptography
import Policy
import Summaries
import Wire

/// Addresses that routers do not forward off the premises, and groups. They keep their scope, which decides verdicts.
extension Redactor {
  func scoped(_ address: IPAddress) -> IPAddress {
    switch AddressScope(address) {
    case .public, .loopback, .unspecified, .broadcast: address
    // RFC 1918's addresses identify nobody, as everybody has them. IPv6 differs: a site's prefix is meant to be unique
    // (RFC 4193 section 3.2), and the rest may hold a station's address (RFC 4291 appendix A) or belong to one host
    // alone.
    case .private: address.isIPv4 ? address : preservingPrefixes(address, from: 8)
    case .linkLocal: address.isIPv4 ? address : preservingPrefixes(address, from: 10)
    case .localMulticast: address.isIPv4 ? address : group(address)
    case .multicast: group(address)
    }
  }

  /// Changes each bit depending only on the bits before it, so that addresses share as many leading bits as before (Xu
  /// et al., "Prefix-Preserving IP Address Anonymization", 2002): an address in a prefix stays in that prefix's
  /// pseudonym.
  ///
  ///     +-----------------+-------------------------+------------------+-------------+
  ///     | the scope stays | from the first 1 on     | from the first 1 | stays where |
  ///     |                 |                         | on               | all before  |
  ///     0                 from                      64                 112 is 0    128
  ///     +-----------------+-------------------------+------------------+-------------+
  ///
  /// So addresses that people choose, such as fd00::2 and fe80::1, stay readable: they identify nobody.
  private func preservingPrefixes(_ address: IPAddress, from: Int) -> IPAddress {
    let octets = address.octets
    var shown = octets
    var hasOne = false
    for index in 0..<16 {
      if index == 8 { hasOne = false }
      // The tree of the octet's bits, with a bit for each node on the way.
      var tree: [UInt8]?
      var node = 1
      for bit in 0..<8 {
        let isOne = octets[index] >> UInt8(7 - bit) & 1 == 1
        if hasOne {
          tree = tree ?? digest(.bits, Array(octets[..<index]))
          if let tree, tree[node >> 3] >> UInt8(node & 7) & 1 == 1 { shown[index] ^= 1 << UInt8(7 - bit) }
        } else if isOne, index * 8 + bit >= from, index < 14 {
          hasOne = true
        }
        node = node << 1 | (isOne ? 1 : 0)
      }
    }
    return IPAddress(v6High: Self.word(shown[..<8]), low: Self.word(shown[8...]))
  }

  /// Groups that everybody uses stay. Others hold a provider's number (RFC 3180), a network's prefix (RFC 6034,
  /// RFC 3306), the end of a host's address (RFC 4291 section 2.7.1), or whatever the sender likes.
  private func group(_ address: IPAddress) -> IPAddress {
    if address.isIPv4 {
      // 224.0.1.0/24 belongs to the registry.
      guard address.low >> 8 != 0xE00001 else { return address }
      let low = Self.word(digest(.group, address.octets).prefix(3)) | 0x80_0000
      return IPAddress(v4: UInt32(truncatingIfNeeded: address.low & 0xFF00_0000 | low))
    }
    let isRegistered = address.high & 0x00F0_FFFF_FFFF_FFFF == 0
    // ff0X::Y, with the few beyond 16 bits.
    if isRegistered, address.low <= 0x1_FFFF { return address }
    // Solicited-node groups, and groups that ask for a host's name (RFC 4620): 24 bits come from somebody's address or
    // name.
    let head = address.low >> 24
    if isRegistered, head == 0x1_FF || head == 0x2_FF {
      let low = Self.word(digest(.group, Array(address.octets.suffix(3))).prefix(3))
      return IPAddress(v6High: address.high, low: head << 24 | low)
    }
    let digest = digest(.group, address.octets)
    return IPAddress(
      v6High: address.high & 0xFFFF_0000_0000_0000 | Self.word(digest[..<8]) >> 16, low: Self.word(digest[8..<16]))
  }

  /// Pseudonyms of the tunnel's private IPv4 addresses. Each stays in its block of RFC 1918, and in the smallest prefix
  /// that the policy states around it. None is an address that the policy mentions otherwise.
  static func tunnelAddresses(_ policy: PolicyDocument, _ hash: KeyedHash) -> [IPAddress: IPAddress] {
    let stated = policy.prefixes
    var taken = Set(policy.tunnelDNS.map(\.value) + policy.resolvers.map(\.value))
    taken.formUnion(policy.endpoints.map(\.value.endpoint.address))
    for case .ip(let address) in policy.containers.flatMap(\.addresses) { taken.insert(address) }
    var shown: [IPAddress: IPAddress] = [:]
    for address in Set(policy.tunnelAddresses.map(\.value)).sorted()
    where address.isIPv4 && AddressScope(address) == .private {
      let block = address.low >> 24 == 10 ? 8 : address.low >> 24 == 172 ? 12 : 16
      let around = stated.filter { $0.contains(address) }.map(\.length).max() ?? 0
      let length = max(block, around)
      let host = UInt32(truncatingIfNeeded: UInt64(UInt32.max) >> UInt64(length))
      // If there is no other address, it stays.
      let other = (0..<64 as Range<UInt8>).lazy.map { attempt -> IPAddress in
        let bits = UInt32(truncatingIfNeeded: word(digest(hash, .tunnel, address.octets + [attempt]).prefix(4)))
        return IPAddress(v4: UInt32(truncatingIfNeeded: address.masked(length).low) | bits & host)
      }.first { other in
        other != address && !taken.contains(other)
          && (stated.filter { $0.contains(other) }.map(\.length).max() ?? 0) == around
      }
      shown[address] = other ?? address
      taken.insert(other ?? address)
    }
    return shown
  }
}
