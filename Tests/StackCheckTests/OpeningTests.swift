import Policy
import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// Findings on rules that keep most packets in.
struct OpeningTests {
  /// A stack whose kill switch is a chain policy, plus one line.
  static func report(_ line: String, networks: String = "", sysctls: String = "") throws -> StackReport {
    let closed = """
      iptables -P OUTPUT DROP
      ip6tables -P OUTPUT DROP
      iptables -A OUTPUT -o lo -j ACCEPT
      iptables -A OUTPUT -o wg0 -j ACCEPT
      iptables -A OUTPUT -o eth0 -p udp -m mark --mark 51820 -j ACCEPT
      """
    let config = try WireGuardConfig(
      """
      [Interface]
      PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=
      Address = 10.64.1.2/32
      DNS = 10.64.0.1
      FwMark = 51820
      [Peer]
      PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
      AllowedIPs = 0.0.0.0/0, ::/0
      Endpoint = 203.0.113.178:51820
      """, fileName: "wg0.conf")
    return StackAudit.report(
      scripts: [.init(path: "kill-switch.sh", target: "", text: closed + "\n" + line)], configs: [config])
  }

  @Test func `a closed rule set is shown to be closed`() throws {
    let report = try Self.report("")
    #expect(report.findings.isEmpty && report.skipped.isEmpty, "\(report)")
  }

  @Test(arguments: [
    ("-p tcp --dport 80 -j ACCEPT", "TCP to anywhere, port 80"),
    ("-d 9.9.9.9 -j ACCEPT", "everything to 9.9.9.9"),
    ("-p udp --sport 6881 -j ACCEPT", "UDP from port 6881 to anywhere"),
    ("-o eth0 -p icmp -j ACCEPT", "ICMP to anywhere"),
    ("-p icmp --icmp-type 8 -j ACCEPT", "ICMP of type 8 to anywhere"),
    ("-p tcp -m multiport --dports 80,8080 -j ACCEPT", "TCP to anywhere, port 80; TCP to anywhere, port 8080"),
    ("-d 198.51.100.0/24 -p udp --dport 1000:2000 -j ACCEPT", "UDP to 198.51.100.0/24, ports 1000 to 2000"),
    ("! -d 10.0.0.0/8 -s 172.18.0.2 -p tcp -j ACCEPT", "TCP from 172.18.0.2 to anywhere"),
    ("-s 192.0.2.7 -p esp -j ACCEPT", "ESP from 192.0.2.7 to anywhere"),
    ("-m conntrack --ctstate INVALID -j ACCEPT", "everything to anywhere, of flows that conntrack does not call new"),
  ])
  func `one accepting line too many is described`(rule: String, words: String) throws {
    let report = try Self.report("iptables -A OUTPUT \(rule)")
    let finding = try #require(report.findings.first { [.ruleLetsOut, .establishedAccepted].contains($0.fault) })
    #expect(finding.message.contains("lets out \(words) (such as"), "\(finding.message)")
    #expect(finding.place.description == "kill-switch.sh:6")
  }

  @Test(arguments: [
    // What is local, outside the tunnel, or the tunnel's own.
    "-d 192.168.1.0/24 -s 172.18.0.2 -p tcp --dport 1024: -j ACCEPT",
    "-d 203.0.113.178 -p udp --dport 51820 -j ACCEPT",
    "-o wg+ -j ACCEPT", "-m mark --mark 51820 -j ACCEPT", "-d 127.0.0.0/8 -j ACCEPT",
    "-m addrtype --dst-type LOCAL -j ACCEPT", "-d 239.255.255.250 -s 172.18.0.2 -p udp --dport 1900 -j ACCEPT",
    // Nothing passes.
    "-o eth1 -j ACCEPT", "-d 9.9.9.9 -j LOG", "-p tcp -j REJECT",
  ])
  func `a rule that no leaking packet meets is not a finding`(rule: String) throws {
    let report = try Self.report("iptables -A OUTPUT \(rule)")
    #expect(report.findings.isEmpty && report.skipped.isEmpty, "\(report.findings) \(report.skipped)")
  }

  @Test(arguments: [
    ("-p udp --sport 6881 -d 192.168.0.0/16 -s 172.18.0.2 -j ACCEPT", StackFault.lanDNSAccepted, Severity.high),
    ("-d 192.168.0.0/16 -p tcp --dport 8080 -j ACCEPT", .tunnelAddressAccepted, .critical),
    ("-d 10.64.0.1 -p tcp --dport 443 -j ACCEPT", .tunnelResolverAccepted, .high),
    ("-d 203.0.113.178 -p tcp -j ACCEPT", .endpointAccepted, .medium),
    ("-d 9.9.9.9 -p udp --dport 6881 -j ACCEPT", .ruleLetsOut, .medium),
    ("-d 9.9.9.9 -m owner --uid-owner 1000 -j ACCEPT", .mayBeOpen, .high),
    ("-p icmp -m limit --limit 1/s -j ACCEPT", .mayBeOpen, .medium),
  ])
  func `each kind of leak has its finding`(rule: String, fault: StackFault, severity: Severity) throws {
    let report = try Self.report("iptables -A OUTPUT \(rule)")
    #expect(report.findings.map(\.fault) == [fault], "\(report.findings)")
    #expect(report.findings.first?.severity == severity)
    #expect(report.skipped.isEmpty)
  }

  @Test(arguments: [
    "iptables -A OUTPUT -m unheard --of x -j ACCEPT", "frobnicate", "iptables-legacy -P OUTPUT ACCEPT",
    "nft add rule inet f out frobnicate accept",
  ])
  func `an unknown line is neither a finding nor clean`(line: String) throws {
    let report = try Self.report("nft 'table inet f { chain out { type filter hook output priority 0; }; }'\n" + line)
    #expect(report.findings.isEmpty, "\(report.findings)")
    #expect(!report.skipped.isEmpty)
  }

  static let unruled = "iptables -P OUTPUT ACCEPT; iptables -F; ip6tables -P OUTPUT DROP\n"

  @Test(arguments: [
    "ip rule add not fwmark 51820 blackhole", "ip rule add not fwmark 51820 priority 100 prohibit",
    "ip route add unreachable default table 77; ip rule add not fwmark 0xca6c lookup 77",
    "ip route replace blackhole default", "ip route del default; ip route add blackhole default metric 5",
    "ip route add blackhole 0.0.0.0/1; ip route add blackhole 128.0.0.0/1",
    "ip rule add to 0.0.0.0/0 unreachable",
  ])
  func `missing routes stop public traffic, except from bound programs`(lines: String) throws {
    let report = try Self.report(Self.unruled + lines)
    #expect(
      !report.findings.map(\.fault).contains { [.noKillSwitch, .ruleLetsOut].contains($0) }, "\(report.findings)")
    let finding = try #require(report.findings.first { $0.fault == .mayBeOpen })
    #expect(finding.message.contains("bound to an interface") && finding.severity == .medium)
    #expect(report.skipped.isEmpty, "\(report.skipped)")
  }

  @Test(arguments: [
    "ip rule add fwmark 51820 blackhole", "ip route add blackhole default", "ip route add blackhole default metric 5",
    "ip route add blackhole 0.0.0.0/1", "ip rule add from 172.18.0.0/16 blackhole",
    "ip rule add priority 40000 blackhole",
    "ip rule add not fwmark 51820 blackhole; ip rule del not fwmark 51820 blackhole",
    "grep -q x /y && ip rule add blackhole",
    "ip route add unreachable default table 77", "ip -6 rule add blackhole",
    "ip route add blackhole default table 77; ip route add 9.9.9.0/24 via 172.18.0.1 table 77; ip rule add lookup 77",
    "ip route replace blackhole default; ip route add default via 172.18.0.1 metric 9; ip route del default",
    "ip route add throw default table 77; ip rule add lookup 77",
  ])
  func `routes that leave a way out stop nothing`(lines: String) throws {
    let faults = try Self.report(Self.unruled + lines).findings.map(\.fault)
    #expect(faults.contains(.noKillSwitch), "\(faults)")
  }

  @Test func `rules beyond the limits give an incomplete result`() throws {
    // Each splits what is left in one more dimension, at two places.
    let lines = (0..<400).map { index in
      "iptables -I OUTPUT ! -s 10.0.\(index % 250).\(index)/32 -d 11.0.\(index % 251).7 -p tcp "
        + "! --dport \(index * 3 + 7) ! --sport \(index * 5 + 11) -m limit --limit 1/s -j ACCEPT"
    }
    let report = try Self.report(lines.joined(separator: "\n"))
    #expect(!report.findings.isEmpty || !report.skipped.isEmpty)
  }
}
