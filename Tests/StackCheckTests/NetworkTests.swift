import ComposeFiles
import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// Every interface that the compose file gives the container counts, and what it routes for others.
struct NetworkTests {
  private static func faults(
    _ rules: String, networks: String = "", sysctls: String = "", server: String = ""
  ) throws -> [StackFault: String] {
    let wg1 = server.isEmpty ? "" : "{source: server, target: /config/wg_confs/wg1.conf}, "
    let text = """
      services:
        vpn:
          image: lscr.io/linuxserver/wireguard
          cap_add: [NET_ADMIN]
          sysctls: {net.ipv4.conf.all.src_valid_mark: 1, \(sysctls)}
          dns: [10.64.0.1]
          networks: {\(networks.isEmpty ? "default: {}" : networks)}
          configs: [\(wg1){source: rules, target: /custom-cont-init.d/rules.sh}, {source: wg, target: /config/wg_confs/wg0.conf}]
      networks: {default: {}, lan: {}}
      configs:
        rules:
          content: |
            \(rules.replacing("\n", with: "\n      "))
        server:
          content: |
            [Interface]
            Address = 10.0.2.1/24
            ListenPort = 51821
            PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=
            \(server)
            [Peer]
            PublicKey = 4JpfHBvthTFOhCK0f5HAbzLXAVcB97uAkuLx7E8kqW0=
            AllowedIPs = 10.0.2.2/32
        wg:
          content: |
            [Interface]
            PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=
            Address = 10.64.1.2/32
            DNS = 10.64.0.1
            FwMark = 51820
            [Peer]
            PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
            AllowedIPs = 0.0.0.0/0, ::/0
            Endpoint = 203.0.113.178:51820
      """
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/x") {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(text.utf8) : nil
    }
    let report = StackAudit.report(on: VPNStack(project))
    #expect(report.skipped.isEmpty && report.unread.isEmpty, "\(report.skipped) \(report.unread)")
    return Dictionary(report.findings.map { ($0.fault, $0.message) }) { first, _ in first }
  }

  private static let byPolicy = """
    iptables -P OUTPUT DROP
    ip6tables -P OUTPUT DROP
    iptables -A OUTPUT -o wg0 -j ACCEPT
    iptables -A OUTPUT -m mark --mark 51820 -j ACCEPT
    """
  private static let byInterface = "iptables -A OUTPUT -o eth0 -m mark ! --mark 51820 -j DROP; ip6tables -P OUTPUT DROP"

  @Test func `a rule for one interface leaves another open`() throws {
    #expect(try Self.faults(Self.byInterface).isEmpty)
    let two = try Self.faults(Self.byInterface, networks: "default: {}, lan: {}")
    #expect(two.keys.contains(.noKillSwitch), "\(two)")
    #expect(two[.noKillSwitch]?.contains("by eth1") == true, "\(two)")
    let named = try Self.faults(Self.byInterface, networks: "lan: {interface_name: lan0}")
    #expect(named.keys.contains(.noKillSwitch), "\(named)")
  }

  @Test func `an exception for an interface counts if the interface exists`() throws {
    let rules = Self.byPolicy + "\niptables -A OUTPUT -o eth1 -j ACCEPT"
    #expect(try Self.faults(rules).isEmpty)
    #expect(
      try Self.faults(rules, networks: "default: {}, lan: {}")[.ruleLetsOut]?.contains("everything to anywhere by eth1")
        == true)
    // A tunnel's name does not make a network a tunnel.
    #expect(try Self.faults(Self.byPolicy, networks: "lan: {interface_name: wg0}").isEmpty == false)
  }

  @Test func `served clients leave in clear if the tunnel does not come up`() throws {
    let masquerade =
      "PostUp = iptables -A FORWARD -i %i -j ACCEPT; iptables -t nat -A POSTROUTING -o eth+ -j MASQUERADE"
    #expect(try Self.faults(Self.byPolicy, server: masquerade)[.forwardOpen]?.contains("comes in by wg1") == true)
    #expect(
      try Self.faults(Self.byPolicy, server: "MTU = 1400")[.forwardOpen]?.contains("no rule of FORWARD refuses") == true
    )
    let closed = Self.byPolicy + "\niptables -P FORWARD DROP\niptables -A FORWARD -o wg+ -j ACCEPT"
    #expect(try Self.faults(closed, server: "MTU = 1400").isEmpty)
    let late = Self.byPolicy + "\niptables -t mangle -A POSTROUTING -o eth0 -m mark ! --mark 51820 -j DROP"
    #expect(try Self.faults(late, server: "MTU = 1400").isEmpty)
  }

  @Test func `a container that routes is also judged by FORWARD`() throws {
    #expect(try Self.faults(Self.byPolicy, sysctls: "net.ipv4.ip_forward: 1").keys.contains(.forwardOpen))
    let closed = Self.byPolicy + "\niptables -P FORWARD DROP"
    #expect(try Self.faults(closed, sysctls: "net.ipv4.ip_forward: 1").isEmpty)
  }
}
