import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// Packets that would go into the tunnel, or nowhere, and that a rule sends out. The chains of a hook all see the
/// interface through which a packet would leave when it came there: a rule that accepts the tunnel's interface accepts
/// such a packet too.
struct ReroutingTests {
  @Test(arguments: [
    "iptables -t mangle -A OUTPUT -p udp --dport 9999 -j MARK --set-mark 51820",
    "iptables -t mangle -A OUTPUT -p udp --dport 9999 -j MARK --or-mark 51820",
    "iptables -t nat -A OUTPUT -p udp --dport 9999 -j DNAT --to-destination 198.51.100.9",
    "iptables -t nat -A OUTPUT -d 127.0.0.1 -p udp --dport 53 -j DNAT --to-destination 198.51.100.9:53",
    "nft 'add table inet y; add chain inet y o { type route hook output priority -300; }; "
      + "add rule inet y o udp dport 9999 meta mark set 51820'",
  ])
  func `what is routed past the tunnel leaves, whatever the rules say of its interface`(line: String) throws {
    let findings = try OpeningTests.report(line).findings
    #expect(
      findings.contains { $0.fault == .ruleLetsOut && $0.place.description == "kill-switch.sh:6" }, "\(findings)")
  }

  @Test func `DNS that is redirected to a resolver on the LAN is reported`() throws {
    let line = "iptables -t nat -A OUTPUT -p udp --dport 5353 -j DNAT --to-destination 192.168.1.1:53"
    #expect(try OpeningTests.report(line).findings.map(\.fault) == [.lanDNSAccepted])
  }

  @Test(arguments: [
    // Docker's own, for its resolver.
    "iptables -t nat -A OUTPUT -d 127.0.0.11 -p udp --dport 53 -j DNAT --to-destination 127.0.0.11:45367",
    // A mark without a routing rule, and a chain after which nothing is routed again.
    "iptables -t mangle -A OUTPUT -p udp --dport 9999 -j MARK --set-mark 1",
    "iptables -A OUTPUT -p udp --dport 9999 -j MARK --set-mark 51820",
    "nft 'add table inet y; add chain inet y o { type filter hook output priority -300; }; "
      + "add rule inet y o oifname \"wg0\" udp dport 9999 meta mark set 51820'",
  ])
  func `packets that keep their route cause no new finding`(line: String) throws {
    let report = try OpeningTests.report(line)
    #expect(report.findings.isEmpty && report.skipped.isEmpty, "\(report)")
  }

  // MARK: - Marks that are kept with a flow

  @Test(arguments: [
    """
    iptables -t mangle -A OUTPUT -p udp --dport 9999 -j CONNMARK --set-mark 51820
    iptables -t mangle -A OUTPUT -p udp --dport 9999 -j CONNMARK --restore-mark
    """,
    """
    iptables -t mangle -A OUTPUT -j CONNMARK --set-mark 0xca0000
    iptables -t mangle -A OUTPUT -j CONNMARK --restore-mark --nfmask 0xffff --ctmask 0xff
    """,
    "nft 'add table inet y; add chain inet y o { type route hook output priority -150; }; "
      + "add rule inet y o ct mark set 51820 meta mark set ct mark'",
    "nft 'add table inet y; add chain inet y o { type route hook output priority -150; }; "
      + "add rule inet y o meta mark set meta mark or 0xca6c'",
  ])
  func `an unknown mark may be the tunnel's`(lines: String) throws {
    let findings = try OpeningTests.report(lines).findings
    #expect(findings.contains { $0.fault == .ruleLetsOut }, "\(findings)")
  }

  @Test func `a new flow has no mark from an incoming one`() throws {
    let lines = """
      iptables -t mangle -A PREROUTING -i eth0 -j CONNMARK --set-mark 51820
      iptables -t mangle -A OUTPUT -j CONNMARK --restore-mark
      """
    #expect(Set(try OpeningTests.report(lines).findings.map(\.fault)) == [.establishedAccepted])
  }
}
