import Policy
import PolicyFiles
import StackCheck
import Testing

/// What is said of stacks as people have them.
struct StackAuditTests {
  private static func gluetun(_ variables: String) throws -> Set<String> {
    let text = """
      services:
        gluetun:
          image: qmcgaw/gluetun
          cap_add: [NET_ADMIN]
          environment: {VPN_TYPE: wireguard, WIREGUARD_ADDRESSES: 10.64.222.21/32, \(variables)}
        app:
          image: app
          network_mode: service:gluetun
          cap_drop: [NET_RAW]
          depends_on: {gluetun: {condition: service_healthy}}
      """
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/x") {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(text.utf8) : nil
    }
    return Set(StackAudit.report(on: VPNStack(project)).findings.map(\.fault.rawValue))
  }

  @Test func `gluetun with a provider has no known fault`() throws {
    #expect(try Self.gluetun("VPN_SERVICE_PROVIDER: mullvad").isEmpty)
    let custom = "VPN_SERVICE_PROVIDER: custom, WIREGUARD_ENDPOINT_IP: 203.0.113.178, WIREGUARD_ENDPOINT_PORT: 51820"
    #expect(try Self.gluetun(custom).isEmpty)
  }

  @Test func `gluetun's firewall is opened by its variables`() throws {
    #expect(try Self.gluetun("VPN_SERVICE_PROVIDER: mullvad, FIREWALL: \"off\"") == ["no-kill-switch"])
    #expect(
      try Self.gluetun("VPN_SERVICE_PROVIDER: mullvad, FIREWALL_OUTBOUND_SUBNETS: 192.168.1.0/24") == [
        "lan-dns-accepted"
      ])
  }

  /// The recipe for a LAN that the image's documentation gives: the hooks hold what a script should.
  @Test func `hooks that let the LAN out are judged while the tunnel is up`() throws {
    let config = try WireGuardConfig(
      """
      [Interface]
      Address = 10.64.1.2/32
      DNS = 10.64.0.1
      PostUp = DROUTE=$(ip route | grep default | awk '{print $3}'); NET=10.0.0.0/8; ip route add $NET via $DROUTE; iptables -I OUTPUT -d $NET -j ACCEPT; iptables -A OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT
      PreDown = NET=10.0.0.0/8; ip route del $NET; iptables -D OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT; iptables -D OUTPUT -d $NET -j ACCEPT
      [Peer]
      PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
      AllowedIPs = 0.0.0.0/0, ::/0
      Endpoint = 203.0.113.178:51820
      """, fileName: "wg0.conf")
    let report = StackAudit.report(scripts: [], configs: [config])
    #expect(
      Set(report.findings.map(\.fault)) == [
        .killSwitchInPostUp, .preDownRemovesKillSwitch, .ipv6Open, .tunnelResolverAccepted, .tunnelResolverRouted,
        .lanDNSAccepted, .tunnelAddressAccepted,
      ])
    #expect(report.passedOver.isEmpty, "\(report.passedOver)")
    #expect(report.findings.allSatisfy { $0.place.file == "wg0.conf" && $0.place.line != nil })
  }
}
