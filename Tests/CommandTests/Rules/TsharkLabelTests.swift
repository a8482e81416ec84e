import Foundation
import Testing

/// The labels of leaks against what tshark takes the same frames for, over all of captures/.
@Suite struct TsharkLabelTests {
  private static let condition: ConditionTrait = .enabled(
    if: TsharkFrame.isInstalled || Command.isContinuousIntegration, "tshark is missing: apt install tshark")

  /// What tshark's innermost known protocol says of the label; a protocol that is not listed fails.
  private static let labels: [String: Set<String>] = [
    "icmp": ["icmp"], "icmpv6": ["icmp", "multicast"], "igmp": ["multicast", "other"], "stun": ["stun"], "ntp": ["ntp"],
    "dns": ["other"], "mdns": ["name-discovery", "other"], "llmnr": ["name-discovery"], "nbns": ["name-discovery"],
    "nbdgm": ["name-discovery"], "ssdp": ["name-discovery"], "dhcp": ["dhcp"], "dhcpv6": ["dhcp"],
    "bittorrent": ["bittorrent"], "bt-dht": ["bittorrent"], "bt-utp": ["bittorrent"], "bt-tracker": ["bittorrent"],
    "http": ["http"], "tls": ["tls"], "quic": ["quic"], "wg": ["wireguard-other"], "openvpn": ["openvpn"],
    "esp": ["ipsec"], "ah": ["ipsec"], "isakmp": ["ipsec"], "udpencap": ["ipsec"], "gre": ["tunnel-other"],
    "teredo": ["tunnel-other"], "vxlan": ["tunnel-other"], "geneve": ["tunnel-other"], "l2tp": ["tunnel-other"],
    "ssh": ["other"], "smtp": ["other"], "imap": ["other"], "pop": ["other"], "pgsql": ["other"], "mysql": ["other"],
    "mongo": ["other"], "resp": ["other"], "snmp": ["other"], "syslog": ["other"], "telnet": ["other"],
    "ftp": ["other"], "sip": ["other"],
  ]

  /// Layers that say nothing of what is carried.
  private static let carriers: Set<String> = [
    "frame", "eth", "ethertype", "sll", "raw", "null", "loop", "ppp", "pppoes", "vlan", "llc", "mpls", "chdlc", "ip",
    "ipv6", "ipv6.hopopts", "ipv6.dstopts", "ipv6.routing", "ipv6.fraghdr", "tcp", "udp", "data", "_ws.short",
    "_ws.malformed", "_ws.unreassembled", "x509sat", "x509af", "x509ce", "pkcs1", "pkix1explicit", "pkix1implicit",
    "http2", "media", "data-text-lines", "urlencoded-form", "json", "xml", "text", "tftp", "vssmonitoring",
  ]

  /// Where tshark takes a frame for something else than the rule, and why.
  private static let differences: [String: (tshark: Set<String>, reason: String)] = [:]

  @Test(condition, arguments: OracleTests.captures)
  func `a label is what tshark takes the frame for`(_ capture: CapturedCase) throws {
    let frames = try Command.run(capture.arguments + ["--per-frame"]).frames()
    let dissected = try TsharkFrame.dissect(capture.captures[0])
    try #require(frames.count == dissected.count)
    let rules = Dictionary(uniqueKeysWithValues: try Self.rules.get().map { ($0.id, $0) })
    for (frame, fields) in zip(frames, dissected) where frame.verdict == "leak" {
      guard let label = frame.kind, let rule = frame.rule.map({ rules[$0] }) ?? nil else { continue }
      let known = fields.layers.filter { !Self.carriers.contains($0) }
      let place: Comment =
        "frame \(frame.frame): \(label) by \(rule.id), tshark: \(fields.layers.joined(separator: ":"))"
      if let difference = Self.differences[rule.id], !difference.tshark.isDisjoint(with: known + ["nothing"]) {
        continue
      }
      guard let protocolName = known.first else {
        // No more than IP, TCP or UDP: then the label rests on headers, a peer or a port, or on bytes of a protocol
        // that tshark looks for at other ports only.
        #expect(["header", "peer", "port", "rest"].contains(rule.by), place)
        continue
      }
      #expect(Self.labels[protocolName]?.contains(label) == true, place)
    }
  }

  private static let rules = Result { try PackRule.all() }
}
