import PolicyFiles
import ShellScript
import Testing
import Wire

@testable import StackCheck

/// What a rule set of iptables or nft lets out.
struct RulesetTests {
  /// Runs the lines as a start-up script.
  static func ruleset(_ lines: String) -> Ruleset { host(lines).namespace.ruleset }

  static func host(_ lines: String) -> ScriptHost {
    var host = ScriptHost(NetworkNamespace(), configs: [])
    host.file = "script"
    var shell = ShellInterpreter(host)
    shell.run(lines)
    return shell.host
  }

  static let web = ProbePacket(destination: Probes.public4, transport: .tcp, destinationPort: 443)
  static let web6 = ProbePacket(destination: Probes.public6, transport: .tcp, destinationPort: 443)

  static func marked(_ mark: UInt32) -> ProbePacket {
    ProbePacket(destination: Probes.public4, transport: .udp, destinationPort: 51820, mark: mark)
  }

  static func inTunnel(_ packet: ProbePacket) -> ProbePacket {
    var packet = packet
    packet.interface = "wg0"
    return packet
  }

  @Test func `without rules everything is let out`() {
    #expect(Ruleset().fate(of: Self.web).isLetOut)
    #expect(Ruleset().fate(of: Self.web6).isLetOut)
  }

  @Test(arguments: ["-I OUTPUT", "-D OUTPUT", "-R OUTPUT"])
  func `a rule's number that no rule has fails the call`(verb: String) {
    for number in ["\(Int.min)", "\(Int.max)", "-1", "0", "2"] {
      let rules = Self.ruleset("iptables -A OUTPUT -o eth0 -j DROP; iptables \(verb) \(number) -j ACCEPT")
      #expect(!rules.fate(of: Self.web).isLetOut)
    }
  }

  @Test func `the article's rule`() {
    let rules = Self.ruleset(
      "iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT")
    #expect(!rules.fate(of: Self.web).isLetOut)
    #expect(rules.fate(of: Self.web6).isLetOut)
    #expect(rules.fate(of: Self.marked(0xCA6C)).isLetOut)
    #expect(!rules.fate(of: Self.marked(0xCA6D)).isLetOut)
    #expect(rules.fate(of: Self.inTunnel(Self.web)).isLetOut)
  }

  @Test(arguments: [
    "iptables -P OUTPUT DROP; iptables -A OUTPUT -o lo -j ACCEPT; iptables -A OUTPUT -o wg+ -j ACCEPT",
    "iptables -N KILL; iptables -A KILL -o wg0 -j RETURN; iptables -A KILL -j DROP; iptables -I OUTPUT -j KILL",
    "iptables -A OUTPUT -o eth0 -d 192.168.1.0/24 -j ACCEPT; iptables -A OUTPUT -o eth0 -j DROP",
    "iptables -t mangle -A POSTROUTING ! -o wg0 -j DROP",
    "iptables --append OUTPUT --out-interface eth0 --jump REJECT --reject-with icmp-port-unreachable",
    "iptables -w 5 -A OUTPUT -m comment --comment 'kill switch' -o eth0 -j REJECT",
    "nft add table inet f; nft add chain inet f out '{ type filter hook output priority 0 ; policy drop ; }'; "
      + "nft add rule inet f out oifname wg0 accept",
    "nft add table ip f; nft add chain ip f out \\{ type filter hook output priority filter \\; \\}; "
      + "nft add rule ip f out oifname != wg0 meta mark != 0xca6c fib daddr type != local reject",
    "iptables -C OUTPUT -o eth0 -j DROP || iptables -A OUTPUT -o eth0 -j DROP",
    "for i in eth0 eth1; do iptables -A OUTPUT -o $i -j DROP; done",
  ])
  func `rules that refuse what does not leave by the tunnel`(_ lines: String) {
    let rules = Self.ruleset(lines)
    #expect(!rules.fate(of: Self.web).isLetOut)
    #expect(rules.fate(of: Self.inTunnel(Self.web)).isLetOut)
  }

  @Test(arguments: [
    // The accepting rule comes first.
    "iptables -A OUTPUT -j ACCEPT; iptables -A OUTPUT -j DROP",
    // Nothing jumps to it.
    "iptables -N KILL; iptables -A KILL -j DROP",
    // Taken away again.
    "iptables -A OUTPUT -o eth0 -j DROP; iptables -D OUTPUT -o eth0 -j DROP",
    "iptables -A OUTPUT -o eth0 -j DROP; iptables -F",
    "iptables -A OUTPUT -o eth0 -j DROP; iptables -F OUTPUT",
    // Not on every way.
    "if ask; then iptables -A OUTPUT -o eth0 -j DROP; fi",
    "ask && iptables -A OUTPUT -o eth0 -j DROP",
    // A rule that matches only some.
    "iptables -A OUTPUT -m limit --limit 5/s -j DROP",
    "iptables -A OUTPUT -m owner --uid-owner 1000 -j ACCEPT; iptables -A OUTPUT -j DROP",
    "iptables -A OUTPUT -m unheard --of x -j ACCEPT; iptables -A OUTPUT -j DROP",
    // Another family, another direction, another protocol, another interface.
    "ip6tables -A OUTPUT -j DROP",
    "iptables -A INPUT -j DROP",
    "iptables -A OUTPUT -p udp -j DROP",
    "iptables -A OUTPUT -o eth1 -j DROP",
    "iptables -A OUTPUT -i eth0 -j DROP",
    // A program that is not there.
    "iptables-restore < rules",
  ])
  func `rules that let it out`(_ lines: String) {
    #expect(Self.ruleset(lines).fate(of: Self.web).isLetOut)
  }

  @Test(arguments: [
    "iptables-restore < rules", "nft -f /etc/nftables.conf", "iptables -A OUTPUT -m unheard --of x -j ACCEPT",
    "iptables -A OUTPUT -d $(getent hosts vpn) -j ACCEPT", "ufw enable", "echo 1 | xargs iptables -A OUTPUT -j",
    "echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6",
  ])
  func `what is not understood is listed`(_ line: String) {
    #expect(!Self.host(line).passedOver.isEmpty)
  }

  @Test func `the rule that lets out is named`() {
    let rules = Self.ruleset("iptables -A OUTPUT -d 10.0.0.0/8 -j ACCEPT\niptables -A OUTPUT -o eth0 -j DROP")
    let fate = rules.fate(of: ProbePacket(destination: IPAddress("10.64.0.1")!, transport: .udp, destinationPort: 53))
    #expect(fate.acceptingRule?.place.line == 1)
    #expect(fate.acceptingRule?.text == "iptables -A OUTPUT -d 10.0.0.0/8 -j ACCEPT")
  }

  @Test func `established flows and ports`() {
    let rules = Self.ruleset(
      """
      iptables -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
      iptables -A OUTPUT -p udp -m multiport --dports 53,853 -j DROP
      iptables -A OUTPUT -p tcp --dport 1000:2000 -j DROP
      """)
    var web = Self.web
    #expect(rules.fate(of: web).isLetOut)
    web.destinationPort = 1500
    #expect(!rules.fate(of: web).isLetOut)
    web.isEstablished = true
    #expect(rules.fate(of: web).isLetOut)
    #expect(!rules.fate(of: Probes.dns(to: Probes.public4)[0]).isLetOut)
    #expect(rules.fate(of: Probes.dns(to: Probes.public4)[1]).isLetOut)
  }

  @Test func `a mark that iptables cannot read makes no rule`() {
    let host = Self.host(
      "iptables -I OUTPUT ! -o wg0 -m mark ! --mark $(wg show wg0 fwmark) -m addrtype ! --dst-type LOCAL -j REJECT")
    #expect(host.namespace.ruleset.fate(of: Self.web).isLetOut)
    #expect(host.refusedCommands.count == 1)
  }
}
