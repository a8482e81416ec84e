import Cryptography
package import Policy
package import Summaries
package import Wire

/// Replaces what would tell a stranger whom the audit is about: addresses and names. Pseudonyms are made with a key.
/// They are the same wherever that key is used, and cannot be reversed without it.
///
/// What stays: IPv4's private addresses except the tunnel's own, ports, times, lengths, and the names of containers and
/// interfaces.
package struct Redactor: Sendable {
  let hash: KeyedHash
  /// Public prefixes that the policy mentions. An address in one stays in it, under the prefix's own pseudonym.
  private let prefixes: [IPPrefix]
  /// The tunnel's own addresses in IPv4's private space: a provider gives each customer one.
  private let tunnelAddresses: [IPAddress: IPAddress]
  var known: KnownNames

  package init(key: [UInt8], policy: TunnelPolicy) {
    self.init(key: key, policy: PolicyDocument(policy))
    known.add(policy.resolvedNames)
    for rule in policy.labelRules.added { known.add(patterns: rule.serverNames + rule.queryNames) }
    for key in policy.inferredPeerKeys { known.add(origin: key.origin) }
  }

  /// A redactor for the policy of a saved summary.
  package init(key: [UInt8], policy: PolicyDocument) {
    let hash = KeyedHash(key: key)
    self.hash = hash
    tunnelAddresses = Self.tunnelAddresses(policy, hash)
    prefixes = policy.prefixes.filter { AddressScope($0.address) == .public }.sorted { $0.length > $1.length }
    known = KnownNames(policy)
  }

  /// Adds names that a text alone does not show to be names, such as those with one label.
  package mutating func add(names: [String]) { known.add(names) }

  /// Adds files that the user named: their directories are removed from every text.
  package mutating func add(files: [String]) { for file in files { known.add(file: file) } }

  /// The kind of value that is hashed: equal octets of different kinds get different pseudonyms.
  enum Kind: UInt8 {
    case text = 1
    case station, number, group, bits, tunnel
    case ipv4, ipv6
  }

  func digest(_ kind: Kind, _ octets: [UInt8]) -> [UInt8] { Self.digest(hash, kind, octets) }

  static func digest(_ hash: KeyedHash, _ kind: Kind, _ octets: [UInt8]) -> [UInt8] { hash([kind.rawValue] + octets) }

  // MARK: - Numbers

  /// The pseudonym of a number that only matters by being equal to others: an identification, a sequence number, a
  /// session's index. Zero stays zero.
  func number(_ octets: [UInt8]) -> [UInt8] {
    if octets.allSatisfy({ $0 == 0 }) { return octets }
    let shown = Array(digest(.number, octets).prefix(octets.count))
    return shown.allSatisfy { $0 == 0 } ? shown.dropLast() + [1] : shown
  }

  // MARK: - Addresses

  /// A public address becomes one of 240.0.0.0/4, which nobody has (RFC 1112 section 4), or of 2001:db8::/32
  /// (RFC 3849). Other addresses keep their scope (`scoped`).
  package func address(_ address: IPAddress) -> IPAddress {
    if let shown = tunnelAddresses[address] { return shown }
    guard AddressScope(address) == .public else { return scoped(address) }
    guard let prefix = prefixes.first(where: { $0.contains(address) }) else { return pseudonym(address) }
    let network = pseudonym(prefix.address).masked(prefix.length)
    let host = pseudonym(address)
    return IPAddress(network, hostBitsOf: host, prefixLength: prefix.length)
  }

  /// The six octets of another station's address, locally administered (IEEE 802c). The zero address stays zero. All
  /// groups become one, since IPv6 groups hold the end of an address.
  func station(_ octets: [UInt8]) -> [UInt8] {
    if octets.allSatisfy({ $0 == 0 }) { return octets }
    if octets[0] & 1 == 1 { return [UInt8](repeating: 0xFF, count: 6) }
    let digest = digest(.station, octets)
    return [digest[0] & 0xFC | 0x02] + digest[1..<6]
  }

  package func station(_ address: MACAddress) -> MACAddress {
    let octets = (0..<6).map { UInt8(truncatingIfNeeded: address.value >> UInt64(40 - 8 * $0)) }
    return MACAddress(station(octets).reduce(0) { $0 << 8 | UInt64($1) })
  }

  package func prefix(_ prefix: IPPrefix) -> IPPrefix {
    IPPrefix(address(prefix.address), length: prefix.length)
  }

  private func pseudonym(_ address: IPAddress) -> IPAddress {
    let digest = digest(address.isIPv4 ? .ipv4 : .ipv6, address.octets)
    let (high, low) = (Self.word(digest[0..<8]), Self.word(digest[8..<16]))
    if address.isIPv4 {
      // 240 to 254: 255 holds the broadcast address.
      return IPAddress(v4: UInt32(240 + high % 15) << 24 | UInt32(truncatingIfNeeded: low) & 0x00FF_FFFF)
    }
    return IPAddress(v6High: 0x2001_0DB8 << 32 | high & 0xFFFF_FFFF, low: low)
  }

  static func word(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}

extension IPAddress {
  /// The first bits of one address and the rest of another.
  fileprivate init(_ network: IPAddress, hostBitsOf host: IPAddress, prefixLength: Int) {
    let masked = host.masked(prefixLength)
    if network.isIPv4 {
      self.init(v4: UInt32(truncatingIfNeeded: network.low | (host.low ^ masked.low)))
    } else {
      self.init(v6High: network.high | (host.high ^ masked.high), low: network.low | (host.low ^ masked.low))
    }
  }
}
