import ComposeFiles
import Policy
import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// What opens gluetun's firewall, and which resolver it uses.
@Suite struct GluetunTests {
  private static let custom =
    "VPN_TYPE: wireguard, VPN_SERVICE_PROVIDER: custom, WIREGUARD_ENDPOINT_IP: 203.0.113.178, "
    + "WIREGUARD_ENDPOINT_PORT: '51820', WIREGUARD_ADDRESSES: 10.2.0.2/32"

  /// The faults of a stack, each with its severity and line: `no-kill-switch critical compose.yaml:5`.
  private static func faults(
    _ variables: String, rules: String? = nil, at target: String = "/iptables/post-rules.txt"
  ) throws -> [String] {
    let content = rules == nil ? "" : "configs: [{source: rules, target: \(target)}]"
    let text = """
      services:
        gluetun:
          image: qmcgaw/gluetun:v3.40
          cap_add: [NET_ADMIN]
          environment: {\(variables)}
          \(content)
          networks: {n: {ipv4_address: 172.30.0.2}}
        app:
          image: app
          network_mode: service:gluetun
          depends_on: {gluetun: {condition: service_healthy}}
        dns: {image: dnsmasq, networks: {n: {ipv4_address: 172.30.0.5}}}
      networks: {n: {ipam: {config: [{subnet: 172.30.0.0/24}]}}}

      """
    let lines = (rules ?? "").split(separator: "\n").map { "      \($0)\n" }.joined()
    let whole = text + (rules == nil ? "" : "configs:\n  rules:\n    content: |\n" + lines)
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/x") {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(whole.utf8) : nil
    }
    let report = StackAudit.report(on: VPNStack(project), allowed: ["dns"])
    #expect(report.unread.isEmpty && report.skipped.isEmpty, "\(report.unread) \(report.skipped)")
    return report.findings.map { "\($0.fault.id) \($0.severity) \($0.place)" }
  }

  @Test(
    arguments: [
      "VPN_SERVICE_PROVIDER: mullvad, VPN_TYPE: wireguard", "VPN_SERVICE_PROVIDER: nordvpn, OPENVPN_USER: u",
      "VPN_SERVICE_PROVIDER: nordvpn, OPENVPN_ENDPOINT_IP: 203.0.113.9, OPENVPN_PROTOCOL: tcp", custom,
      custom + ", FIREWALL: 'off'", custom + ", FIREWALL_VPN_INPUT_PORTS: '6881'", custom + ", DNS_ADDRESS: 10.2.0.1",
      custom + ", DNS_KEEP_NAMESERVER: 'off'", custom + ", DNS_ADDRESS: 127.0.0.1",
      custom + ", DNS_UPSTREAM_RESOLVER_TYPE: dot, DNS_UPSTREAM_PLAIN_ADDRESSES: '172.30.0.5:53'",
    ])
  func `refuses by default`(variables: String) throws {
    #expect(try Self.faults(variables).isEmpty)
  }

  @Test(
    arguments: [
      ("FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: 'off'", "no-kill-switch critical"),
      ("FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT: Disabled", "no-kill-switch critical"),
      ("FIREWALL_OUTBOUND_SUBNETS: 0.0.0.0/0", "no-kill-switch critical"),
      ("FIREWALL_OUTBOUND_SUBNETS: '0.0.0.0/1, 128.0.0.0/1'", "no-kill-switch critical"),
      ("EXTRA_SUBNETS: '::/0'", "no-kill-switch critical"),
      ("FIREWALL_OUTBOUND_SUBNETS: 9.9.9.0/24", "rule-lets-out high"),
      ("FIREWALL_OUTBOUND_SUBNETS: 192.168.1.0/24", "lan-dns-accepted medium"),
      ("DNS_KEEP_NAMESERVER: 'on'", "resolver-outside high"),
      ("DNS_ADDRESS: 172.30.0.5", "resolver-outside high"),
      ("DNS_UPSTREAM_RESOLVER_TYPE: plain, DNS_UPSTREAM_PLAIN_ADDRESSES: '172.30.0.77:53'", "resolver-outside high"),
    ] as [(String, String)])
  func `a variable opens gluetun's firewall`(variable: String, fault: String) throws {
    #expect(try Self.faults(Self.custom + ", " + variable) == [fault + " compose.yaml:5"])
  }

  @Test func `subnets that contain the tunnel's own addresses route them past it`() throws {
    for resolver in ["", ", DNS_ADDRESS: 10.2.0.1"] {
      #expect(
        try Self.faults(Self.custom + resolver + ", FIREWALL_OUTBOUND_SUBNETS: '192.168.1.0/24,10.0.0.0/8'") == [
          "tunnel-resolver-routed critical compose.yaml:5", "lan-dns-accepted medium compose.yaml:5",
        ])
    }
  }

  @Test(
    arguments: [
      ("iptables -A OUTPUT -p udp --sport 6881 -j ACCEPT", ["rule-lets-out high"]),
      ("# a note\niptables-nft -A OUTPUT -d 9.9.9.9 -j ACCEPT", ["rule-lets-out high"]),
      ("iptables -I OUTPUT -o eth0 -j ACCEPT", ["reject-unreachable critical"]),
      ("iptables -P OUTPUT ACCEPT", ["no-kill-switch critical"]),
      ("ip6tables -P OUTPUT ACCEPT", ["ipv6-open high"]),
      ("iptables -A INPUT -i eth0 -p tcp --dport 8080 -j ACCEPT", []),
      ("iptables -A FORWARD -i eth0 -o tun0 -j ACCEPT\niptables -t nat -A POSTROUTING -o tun0 -j MASQUERADE", []),
      // Neither runs: gluetun takes only lines that begin with one of the programs.
      ("sudo iptables -P OUTPUT ACCEPT\n  iptables -P OUTPUT ACCEPT", []),
    ] as [(String, [String])])
  func `the user's rules open it, after its own`(rules: String, faults: [String]) throws {
    let found = try Self.faults(Self.custom, rules: rules)
    #expect(
      found.map { String($0.prefix { $0 != "/" }.split(separator: " ").prefix(2).joined(separator: " ")) } == faults)
    #expect(found.allSatisfy { $0.contains("post-rules.txt") }, "\(found)")
  }

  private static let nftables: [(String, [String])] = [
    ("nft add rule inet gluetun output udp sport 6881 accept", ["rule-lets-out high"]),
    ("# a note\n  nft add rule inet gluetun output ip daddr 9.9.9.9 accept", ["rule-lets-out high"]),
    ("nft\tinsert rule inet gluetun output oifname eth0 accept", ["reject-unreachable critical"]),
    ("nft insert rule inet gluetun output oifname \"eth0\" accept", ["reject-unreachable critical"]),
    ("nft chain inet gluetun output { policy accept ; }", ["no-kill-switch critical"]),
    ("nft delete table inet gluetun", ["no-kill-switch critical"]),
    ("nft add rule inet gluetun input tcp dport 8080 accept", []),
    ("nft add rule inet gluetun output oifname tun0 accept", []),
    // None of them runs.
    ("iptables -P OUTPUT ACCEPT\nnftables delete table inet gluetun\nsudo nft delete table inet gluetun\nnft", []),
  ]

  /// A release may choose nftables by itself.
  @Test(arguments: nftables, ["", ", FIREWALL_IMPLEMENTATION: nftables", ", FIREWALL_IMPLEMENTATION: auto"])
  func `nftables rules open it`(_ example: (String, [String]), variable: String) throws {
    let found = try Self.faults(
      Self.custom + variable, rules: example.0, at: "/gluetun/firewall/nftables/post-rules.txt")
    #expect(
      found.map { String($0.prefix { $0 != "/" }.split(separator: " ").prefix(2).joined(separator: " ")) } == example.1,
      "\(found)")
    #expect(found.allSatisfy { $0.contains("nftables/post-rules.txt") }, "\(found)")
  }

  @Test func `ignores rules for the program that does not run`() throws {
    let rules = "iptables -P OUTPUT ACCEPT"
    #expect(try Self.faults(Self.custom + ", FIREWALL_IMPLEMENTATION: nftables", rules: rules).isEmpty)
    #expect(
      try Self.faults(
        Self.custom + ", FIREWALL_IMPLEMENTATION: iptables", rules: "nft delete table inet gluetun",
        at: "/gluetun/firewall/nftables/post-rules.txt"
      ).isEmpty)
    // Its own networks are let out with either.
    for program in ["iptables", "nftables"] {
      let variables = ", FIREWALL_IMPLEMENTATION: \(program), FIREWALL_OUTBOUND_SUBNETS: "
      #expect(try Self.faults(Self.custom + variables + "9.9.9.0/24") == ["rule-lets-out high compose.yaml:5"])
      #expect(try Self.faults(Self.custom + variables + "192.168.1.0/24") == ["lan-dns-accepted medium compose.yaml:5"])
    }
  }
}
