import Handshake
package import Policy
package import Wire

/// Replaces what would tell a stranger whom the audit is about: public addresses and names. Pseudonyms are made with a
/// key, so that they stay the same wherever the same key is used, and cannot be turned back without it.
///
/// What stays: private addresses, ports, times, lengths, and what containers and interfaces are called.
package struct Redactor: Sendable {
  private let hash: KeyedHash
  /// Public prefixes that the policy speaks of: an address in one keeps being in it, under the prefix's own pseudonym.
  private let prefixes: [IPPrefix]
  /// Names that are replaced wherever they stand, and what looks like a name and is none.
  private var names: Set<String>
  private var words: Set<String>

  package init(key: [UInt8], policy: TunnelPolicy) {
    hash = KeyedHash(key: key)
    prefixes = (policy.local + policy.audited).map(\.value).filter { AddressScope($0.address) == .public }
      .sorted { $0.length > $1.length }
    names = Set(policy.namedEndpoints.map { $0.value.name.lowercased() })
    words = Set(policy.labelRules.map(\.id) + policy.allowRules.map(\.id))
  }

  /// Has names replaced that a text alone does not show to be some, such as those of one label.
  package mutating func add(names: [String]) { self.names.formUnion(names.map { $0.lowercased() }) }

  // MARK: - Addresses

  /// A public address becomes one of 240.0.0.0/4, which nobody has (RFC 1112 section 4), or of 2001:db8::/32 (RFC 3849).
  package func address(_ address: IPAddress) -> IPAddress {
    guard AddressScope(address) == .public else { return address }
    guard let prefix = prefixes.first(where: { $0.contains(address) }) else { return pseudonym(address) }
    let network = pseudonym(prefix.address).masked(prefix.length)
    let host = pseudonym(address)
    return IPAddress(network, hostBitsOf: host, prefixLength: prefix.length)
  }

  /// The six octets of another station's address, locally administered (IEEE 802c). None stays none, and all groups are one: the groups of
  /// IPv6 hold the end of an address.
  func station(_ octets: [UInt8]) -> [UInt8] {
    if octets.allSatisfy({ $0 == 0 }) { return octets }
    if octets[0] & 1 == 1 { return [UInt8](repeating: 0xFF, count: 6) }
    let digest = hash([2] + octets)
    return [digest[0] & 0xFC | 0x02] + digest[1..<6]
  }

  package func prefix(_ prefix: IPPrefix) -> IPPrefix {
    guard AddressScope(prefix.address) == .public else { return prefix }
    return IPPrefix(address(prefix.address), length: prefix.length)
  }

  private func pseudonym(_ address: IPAddress) -> IPAddress {
    var bytes: [UInt8] = [address.isIPv4 ? 4 : 6]
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: address.high >> UInt64(shift)))
    }
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: address.low >> UInt64(shift)))
    }
    let digest = hash(bytes)
    let (high, low) = (Self.word(digest[0..<8]), Self.word(digest[8..<16]))
    if address.isIPv4 {
      // 240 to 254: 255 holds the broadcast address.
      return IPAddress(v4: UInt32(240 + high % 15) << 24 | UInt32(truncatingIfNeeded: low) & 0x00FF_FFFF)
    }
    return IPAddress(v6High: 0x2001_0DB8 << 32 | high & 0xFFFF_FFFF, low: low)
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

  // MARK: - Names

  /// Label by label, so that what is below a name stays below its pseudonym; the last label of several stays.
  package func name(_ name: String) -> String {
    let labels = name.lowercased().split(separator: ".", omittingEmptySubsequences: true)
    guard let last = labels.last else { return name }
    var suffix = ""
    var result: [String] = labels.count > 1 ? [String(last)] : []
    if labels.count > 1 { suffix = String(last) }
    for label in labels.dropLast(labels.count > 1 ? 1 : 0).reversed() {
      suffix = label + "." + suffix
      result.insert("x" + text(of: suffix, digits: 8), at: 0)
    }
    return result.joined(separator: ".")
  }

  package func text(of value: String, digits: Int) -> String {
    let digest = hash([1] + Array(value.utf8))
    return digest.prefix((digits + 1) / 2).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined().prefix(digits)
      .lowercased()
  }

  // MARK: - Texts

  /// A text with every public address and every name in it replaced, whatever wrote it.
  package func scrub(_ text: String) -> String {
    var result = ""
    var token = ""
    for character in text {
      if character.isASCII, character.isLetter || character.isNumber || ".:_-%".contains(character) {
        token.append(character)
      } else {
        result += scrubbed(token)
        token = ""
        result.append(character)
      }
    }
    return result + scrubbed(token)
  }

  private func scrubbed(_ token: String) -> String {
    guard !token.isEmpty else { return "" }
    let core = token.reversed().drop { ".:-_%".contains($0) }.reversed().map(String.init).joined()
    let rest = token.dropFirst(core.count)
    if MACAddress(core) != nil { return "00:00:00:00:00:00" + rest }
    if let address = IPAddress(core) { return "\(self.address(address))" + rest }
    if let colon = core.lastIndex(of: ":"), core[core.index(after: colon)...].allSatisfy(\.isNumber) {
      let host = String(core[..<colon])
      if let address = IPAddress(host), address.isIPv4 { return "\(self.address(address))" + core[colon...] + rest }
      if isName(host) { return name(host) + core[colon...] + rest }
    }
    return (isName(core) ? name(core) : core) + rest
  }

  /// File names and schemas have dots, too.
  private static let ownEndings: Set<String> = [
    "conf", "yaml", "yml", "sh", "pcap", "pcapng", "json", "ndjson", "gz", "zst", "env", "txt", "pcapng", "summary",
    "alert", "leak",
    "check", "md",
  ]

  private func isName(_ text: String) -> Bool {
    let lower = text.lowercased()
    if names.contains(lower) { return true }
    guard !words.contains(text), lower.contains(".") else { return false }
    let labels = lower.split(separator: ".", omittingEmptySubsequences: false)
    guard let last = labels.last, last.count >= 2, last.allSatisfy(\.isLetter), !Self.ownEndings.contains(String(last))
    else { return false }
    return labels.allSatisfy { !$0.isEmpty && $0.count <= 63 && !$0.contains(":") && !$0.contains("%") }
  }
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
