import Policy
import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// Findings on common configurations.
struct StackAuditTests {
  /// The recipe for a LAN from the image's documentation: the hooks do what a script should.
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
    #expect(report.skipped.isEmpty, "\(report.skipped)")
    #expect(report.findings.allSatisfy { $0.place.file == "wg0.conf" && $0.place.line != nil })
  }
}
