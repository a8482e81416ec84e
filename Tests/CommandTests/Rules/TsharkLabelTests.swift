import Foundation
import TestNeeds
import Testing

/// The labels of leaks against tshark's protocol for the same frames, over all of captures/.
@Suite struct TsharkLabelTests {
  /// The label for tshark's innermost known protocol; a protocol that is not listed fails.
  private static let labels: [String: Set<String>] = [
    "icmp": ["icmp"], "icmpv6": ["icmp", "multicast"], "igmp": ["multicast", "other"], "stun": ["stun"],
    "classicstun": ["stun"], "lsd": ["bittorrent"], "ntp": ["ntp"],
    "dns": ["other"], "mdns": ["name-discovery", "other"], "llmnr": ["name-discovery"], "nbns": ["name-discovery"],
    "nbdgm": ["name-discovery"], "ssdp": ["name-discovery"], "dhcp": ["dhcp"], "dhcpv6": ["dhcp"],
    "bittorrent": ["bittorrent"], "bt-dht": ["bittorrent"], "bt-utp": ["bittorrent"], "bt-tracker": ["bittorrent"],
    "http": ["http"], "tls": ["tls"], "quic": ["quic"], "wg": ["wireguard-other"], "openvpn": ["openvpn"],
    "esp": ["ipsec"], "ah": ["ipsec"], "isakmp": ["ipsec"], "udpencap": ["ipsec"], "gre": ["tunnel-other"],
    "teredo": ["tunnel-other"], "vxlan": ["tunnel-other"], "geneve": ["tunnel-other"], "l2tp": ["tunnel-other"],
    "ssh": ["other"], "smtp": ["other"], "imap": ["other"], "pop": ["other"], "pgsql": ["other"], "mysql": ["other"],
    "mongo": ["other"], "resp": ["other"], "snmp": ["other"], "syslog": ["other"], "telnet": ["other"],
    "ftp": ["other"], "sip": ["other"], "dtls": ["tls"], "gquic": ["quic"], "pptp": ["tunnel-other"],
  ]

  /// Layers that do not show what is carried.
  private static let carriers: Set<String> = [
    "frame", "eth", "ethertype", "sll", "raw", "null", "loop", "nflog", "ppp", "pppoes", "vlan", "llc", "ieee8021ad",
    "mpls",
    "chdlc", "ip",
    "ipv6", "ipv6.hopopts", "ipv6.dstopts", "ipv6.routing", "ipv6.fraghdr", "tcp", "udp", "data", "_ws.short",
    "_ws.malformed", "_ws.unreassembled", "x509sat", "x509af", "x509ce", "pkcs1", "pkix1explicit", "pkix1implicit",
    "http2", "media", "data-text-lines", "urlencoded-form", "json", "xml", "text", "tftp", "vssmonitoring",
  ]

  /// Where tshark names another protocol for frames of a rule, and why.
  private static let differences: [(rules: Set<String>, tshark: Set<String>, reason: String)] = [
    (
      ["dns.tls", "dns.https", "dns.https-name", "ntp.nts"], ["tls", "quic"],
      "it is TLS or QUIC, and the rule tells by name or peer what is inside"
    ),
    (["syncthing.port"], ["tls"], "it is TLS, and the rule tells by the port what is inside"),
    (["dns.quic"], ["dtls", "quic"], "UDP port 853 is DNS over DTLS (RFC 8094) to it"),
    (["bittorrent.http-tracker"], ["http"], "it is HTTP, and the rule tells what for"),
    (["tunnel.6in4", "tunnel.ip-in-ip"], ["icmp", "icmpv6"], "it goes on to the inner packet"),
    (
      [
        "wireguard.message", "stun.cookie", "openvpn.reset", "openvpn.tls-auth", "openvpn.tls-crypt", "pptp.control",
        "warp.handshake", "tls.client-hello", "tls.record", "quic.initial",
      ],
      ["ntp", "tls", "quic", "pgsql", "smtp", "ftp", "dlep", "isakmp", "lanforge"],
      "it goes by the port, the rule by the bytes"
    ),
    (
      ["tcp.mid-stream"], ["ftp-data"],
      "it goes by the port, which says nothing without the connection of FTP's commands"
    ),
    (["tcp.mid-stream"], ["http"], "it joins the segments of a message, and shows the message at its last"),
    (["mongodb.message"], ["tls"], "its guess takes the length's first byte for a record type"),
    (
      [
        "openvpn.reset", "openvpn.tls-auth", "openvpn.tls-crypt", "pptp.control", "redis.command", "ssh.banner",
        "mongodb.message", "postgresql.startup",
        "bittorrent.local-discovery",
      ], [nothing], "it looks for this protocol at its own ports only"
    ),
    (
      ["bittorrent.handshake", "bittorrent.udp-tracker", "bittorrent.utp"], [nothing],
      "it looks for this protocol over UDP only where that is switched on"
    ),
    (["tailscale.disco"], [nothing], "it does not know this protocol"),
    (["tls.client-hello"], [nothing], "on port 80 it takes it for the middle of HTTP"),
    (["quic.packet"], [nothing], "a short header means nothing to it without the connection's start"),
  ]

  /// No more than IP, TCP or UDP.
  private static let nothing = "nothing"

  @Test(.needs(.tshark), arguments: OracleTests.captures)
  func `a label matches tshark's protocol`(_ capture: CapturedCase) throws {
    let frames = try Command.run(capture.arguments + ["--per-frame"]).frames()
    let dissected = try TsharkFrame.dissectOnce(capture.captures[0])
    try #require(frames.count == dissected.count)
    let rules = Dictionary(uniqueKeysWithValues: try Self.rules.get().map { ($0.id, $0) })
    for (frame, fields) in zip(frames, dissected) where frame.verdict == "leak" {
      guard let label = frame.kind, let rule = frame.rule.map({ rules[$0] }) ?? nil else { continue }
      let known = fields.layers.filter { !Self.carriers.contains($0) }
      let place: Comment =
        "frame \(frame.frame): \(label) by \(rule.id), tshark: \(fields.layers.joined(separator: ":"))"
      let tshark = known.first ?? Self.nothing
      if Self.differences.contains(where: { $0.rules.contains(rule.id) && $0.tshark.contains(tshark) }) { continue }
      if tshark == Self.nothing {
        // Then the label rests on headers, a peer or a port.
        #expect(["header", "peer", "port", "rest"].contains(rule.by), place)
      } else {
        #expect(Self.labels[tshark]?.contains(label) == true, place)
      }
    }
  }

  private static let rules = Result { try PackRule.all() }
}
