extension IPAddress: LosslessStringConvertible {
  /// Reads dotted decimal, or IPv6 text as in RFC 4291 section 2.2. Nil for anything else: octal numbers,
  /// missing parts and zones are not accepted.
  public init?(_ text: String) {
    self.init(text[...])
  }

  public init?(_ text: Substring) {
    if text.utf8.contains(UInt8(ascii: ":")) {
      guard let value = Self.parseIPv6(text) else { return nil }
      self = value
    } else {
      guard let value = Self.parseIPv4(text) else { return nil }
      self.init(v4: value)
    }
  }

  /// Dotted decimal, or the canonical form of RFC 5952.
  public var description: String {
    if isIPv4 {
      let value = UInt32(truncatingIfNeeded: low)
      return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    }
    let groups = (0..<8).map { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
    }
    // RFC 5952 section 4.2: shorten the longest run of two or more zero groups; of equal runs, the first.
    var longest = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(longest.count, 1) { longest = start..<end }
      start = end + 1
    }
    func joined(_ part: ArraySlice<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    // Section 5: mapped addresses end in dotted decimal.
    if high == 0, low >> 32 == 0xFFFF {
      return "::ffff:\(IPAddress(v4: UInt32(truncatingIfNeeded: low)))"
    }
    if longest.isEmpty { return joined(groups[...]) }
    return joined(groups[..<longest.lowerBound]) + "::" + joined(groups[longest.upperBound...])
  }

  private static func parseIPv4(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        part.utf8.count == 1 || part.first != "0", let octet = UInt8(part)
      else { return nil }
      value = value << 8 | UInt32(octet)
    }
    return value
  }

  private static func parseIPv6(_ text: Substring) -> IPAddress? {
    var head: [UInt16] = []
    var tail: [UInt16]?
    let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
    switch halves.count {
    case 1:
      guard let groups = parseGroups(halves[0]) else { return nil }
      head = groups
    case 2:
      // Dotted decimal is allowed only at the very end.
      guard !halves[0].utf8.contains(UInt8(ascii: ".")),
        let before = halves[0].isEmpty ? [] : parseGroups(halves[0]),
        let after = halves[1].isEmpty ? [] : parseGroups(halves[1])
      else { return nil }
      head = before
      tail = after
    default: return nil
    }
    let missing = 8 - head.count - (tail?.count ?? 0)
    guard tail == nil ? missing == 0 : missing >= 1 else { return nil }
    let groups = head + [UInt16](repeating: 0, count: missing) + (tail ?? [])
    let words = groups.map(UInt64.init)
    return IPAddress(
      v6High: words[0] << 48 | words[1] << 32 | words[2] << 16 | words[3],
      low: words[4] << 48 | words[5] << 32 | words[6] << 16 | words[7])
  }

  /// Colon-separated groups; the last may be dotted decimal, which counts as two.
  private static func parseGroups(_ text: Substring) -> [UInt16]? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 8 else { return nil }
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
        guard let value = parseIPv4(part) else { return nil }
        groups += [UInt16(value >> 16), UInt16(value & 0xFFFF)]
      } else {
        // Swift's own parser would also accept a sign: it reads "-0" as 0.
        guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups.count <= 8 ? groups : nil
  }
}
