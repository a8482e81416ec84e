import Wire

/// How iptables(8) writes protocols, ports, addresses, marks and ICMP types.
enum IPTablesWords {
  /// A protocol by number, or by a name of /etc/protocols that occurs in rules. Nil for an unknown name.
  static func transport(_ text: String) -> UInt8? { protocols[text.lowercased()] ?? UInt8(text) }

  private static let protocols: [String: UInt8] = [
    "all": 0, "icmp": 1, "igmp": 2, "ipip": 4, "ipencap": 4, "tcp": 6, "udp": 17, "dccp": 33, "ipv6": 41, "gre": 47,
    "esp": 50, "ah": 51, "icmpv6": 58, "ipv6-icmp": 58, "sctp": 132, "udplite": 136,
  ]

  /// `53`, `53,853`, `1000:2000`, `1024:`; nft writes a hyphen. Nil for anything else.
  static func ports(_ text: String) -> [ClosedRange<UInt16>]? {
    let ranges = text.split(separator: ",", omittingEmptySubsequences: false).map { portRange(String($0)) }
    return ranges.contains(nil) ? nil : ranges.map { $0! }
  }

  private static func portRange(_ text: String) -> ClosedRange<UInt16>? {
    if let port = port(text) { return port...port }
    guard let sign = text.firstIndex(where: { $0 == ":" || $0 == "-" }) else { return nil }
    let ends = (String(text[..<sign]), String(text[text.index(after: sign)...]))
    guard let first = ends.0.isEmpty ? 0 : port(ends.0), let last = ends.1.isEmpty ? UInt16.max : port(ends.1),
      first <= last
    else { return nil }
    return first...last
  }

  /// A port by number, or by one of the few names of /etc/services that occur in such rules.
  private static func port(_ text: String) -> UInt16? { services[text] ?? UInt16(text) }

  private static let services: [String: UInt16] = [
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "http": 80, "ntp": 123,
    "https": 443, "domain-s": 853, "mdns": 5353,
  ]

  /// `value` or `value/mask`, each as strtoul(3) with base 0 reads it.
  static func mark(_ text: String) -> (value: UInt32, mask: UInt32)? {
    let parts = text.split(separator: "/", maxSplits: 1).map { number(String($0)) }
    guard let value = parts.first ?? nil else { return nil }
    guard parts.count == 2 else { return (value, .max) }
    return parts[1].map { (value, $0) }
  }

  static func number(_ text: String) -> UInt32? {
    let text = text.lowercased()
    if text.hasPrefix("0x") { return UInt32(text.dropFirst(2), radix: 16) }
    return UInt32(text, radix: text.hasPrefix("0") && text.count > 1 ? 8 : 10)
  }

  /// An address, a prefix, an address with a mask, or two with a hyphen between.
  static func addresses(_ text: String) -> ClosedRange<IPAddress>? {
    if let prefix = IPPrefix(text) { return prefix.range }
    if text == "0/0" { return IPPrefix("0.0.0.0/0")!.range }
    if let sign = text.firstIndex(of: "-") {
      guard let first = IPAddress(text[..<sign]), let last = IPAddress(text[text.index(after: sign)...]),
        first.isIPv4 == last.isIPv4, first <= last
      else { return nil }
      return first...last
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(parts[0]), let mask = IPAddress(parts[1]),
      address.isIPv4 == mask.isIPv4
    else { return nil }
    let length = mask.isIPv4 ? (~UInt32(truncatingIfNeeded: mask.low)).leadingZeroBitCount : mask.leadingOnes
    let prefix = IPPrefix(address, length: length)
    // Only a mask of leading ones is a prefix.
    guard IPPrefix(mask, length: length).address == mask else { return nil }
    return prefix.range
  }

  /// A type, and a code if it is stated, by number or by the names that rules use (iptables-extensions(8)).
  static func icmp(_ text: String, _ family: IPFamily) -> ClosedRange<UInt16>? {
    let names = family == .ipv4 ? icmpNames : icmp6Names
    let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    // The kernel treats 255 as every type (net/ipv4/netfilter/ip_tables.c, icmp_type_code_match).
    if family == .ipv4, text == "any" || text == "255" { return 0...UInt16.max }
    guard let type = names[parts[0]] ?? UInt8(parts[0]) else { return nil }
    let first = UInt16(type) << 8
    guard parts.count == 2 else { return parts.count == 1 ? first...(first | 0xFF) : nil }
    return UInt8(parts[1]).map { first | UInt16($0)...first | UInt16($0) }
  }

  private static let icmpNames: [String: UInt8] = [
    "echo-reply": 0, "pong": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
    "ping": 8, "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "ttl-exceeded": 11,
    "parameter-problem": 12, "timestamp-request": 13, "timestamp-reply": 14,
  ]
  private static let icmp6Names: [String: UInt8] = [
    "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "ttl-exceeded": 3, "parameter-problem": 4,
    "echo-request": 128, "ping": 128, "echo-reply": 129, "pong": 129, "router-solicitation": 133,
    "nd-router-solicit": 133, "router-advertisement": 134, "nd-router-advert": 134, "neighbour-solicitation": 135,
    "neighbor-solicitation": 135, "nd-neighbor-solicit": 135, "neighbour-advertisement": 136,
    "neighbor-advertisement": 136, "nd-neighbor-advert": 136, "redirect": 137, "nd-redirect": 137,
  ]
}

extension IPAddress {
  fileprivate var leadingOnes: Int {
    let upper = (~high).leadingZeroBitCount
    return upper < 64 ? upper : 64 + (~low).leadingZeroBitCount
  }
}
