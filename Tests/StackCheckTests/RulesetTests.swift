import PolicyFiles
import ShellScript
import Testing
import TextFiles
import Wire

@testable import StackCheck

/// What a rule set of iptables or nft lets out.
struct RulesetTests {
  /// Runs the lines as a start-up script.
  static func ruleset(_ lines: String) -> Ruleset { host(lines).namespace.ruleset }

  static func host(
    _ lines: String, files: @escaping @Sendable (String) -> (name: String, text: String)? = { _ in nil }
  ) -> ScriptHost {
    var host = ScriptHost(NetworkNamespace(), configs: [])
    host.files = { path in files(path).map { ($0.name, $0.text, true) } }
    host.file = "script"
    var shell = ShellInterpreter(host)
    shell.run(lines)
    return shell.host
  }

  static let web = Question(destination: "198.51.100.77", port: 443)
  static let web6 = Question(destination: "2001:db8::77", port: 443)

  static func marked(_ mark: UInt32) -> Question {
    Question(destination: "198.51.100.77", transport: 17, port: 51820, mark: mark)
  }

  static func inTunnel(_ question: Question) -> Question {
    var question = question
    question.interface = "wg0"
    return question
  }

  @Test func `without rules everything is let out`() {
    #expect(Ruleset().letsOut(Self.web))
    #expect(Ruleset().letsOut(Self.web6))
  }

  @Test(arguments: ["-I OUTPUT", "-D OUTPUT", "-R OUTPUT"])
  func `a rule number that does not exist fails the call`(verb: String) {
    for number in ["\(Int.min)", "\(Int.max)", "-1", "0", "2"] {
      let rules = Self.ruleset("iptables -A OUTPUT -o eth0 -j DROP; iptables \(verb) \(number) -j ACCEPT")
      #expect(!rules.letsOut(Self.web))
    }
  }

  @Test func `the article's rule`() {
    let rules = Self.ruleset(
      "iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT")
    #expect(!rules.letsOut(Self.web))
    #expect(rules.letsOut(Self.web6))
    #expect(rules.letsOut(Self.marked(0xCA6C)))
    #expect(!rules.letsOut(Self.marked(0xCA6D)))
    #expect(rules.letsOut(Self.inTunnel(Self.web)))
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
  func `rules that refuse what does not leave through the tunnel`(_ lines: String) {
    let rules = Self.ruleset(lines)
    #expect(!rules.letsOut(Self.web))
    #expect(rules.letsOut(Self.inTunnel(Self.web)))
  }

  @Test(arguments: [
    // The accepting rule comes first.
    "iptables -A OUTPUT -j ACCEPT; iptables -A OUTPUT -j DROP",
    // Nothing jumps to it.
    "iptables -N KILL; iptables -A KILL -j DROP",
    // Deleted again.
    "iptables -A OUTPUT -o eth0 -j DROP; iptables -D OUTPUT -o eth0 -j DROP",
    "iptables -A OUTPUT -o eth0 -j DROP; iptables -F",
    "iptables -A OUTPUT -o eth0 -j DROP; iptables -F OUTPUT",
    // Not on every path.
    "if ask; then iptables -A OUTPUT -o eth0 -j DROP; fi",
    "ask && iptables -A OUTPUT -o eth0 -j DROP",
    // A rule that matches only some.
    "iptables -A OUTPUT -m limit --limit 5/s -j DROP",
    "iptables -A OUTPUT -m owner --uid-owner 1000 -j ACCEPT; iptables -A OUTPUT -j DROP",
    // Another family, another direction, another protocol, another interface.
    "ip6tables -A OUTPUT -j DROP",
    "iptables -A INPUT -j DROP",
    "iptables -A OUTPUT -p udp -j DROP",
    "iptables -A OUTPUT -o eth1 -j DROP",
    "iptables -A OUTPUT -i eth0 -j DROP",
    // Refused by iptables, so that the rule is not there.
    "iptables -P OUTPUT drop",
    "iptables -t nat -P OUTPUT DROP",
    "iptables -t mangle -A OUTPUT -j REJECT",
    "iptables -t nat -A OUTPUT -j REJECT",
    "iptables -A OUTPUT -j REJECT --reject-with tcp-reset",
    "iptables -A OUTPUT -j REJECT --reject-with icmp6-adm-prohibited",
    "iptables -A OUTPUT -o eth0 --dport 443 -j DROP",
    "iptables -A OUTPUT -p udp -m tcp --dport 443 -j DROP",
    "iptables -A OUTPUT --mark 0 -j DROP",
    "iptables -A OUTPUT --dst-type UNICAST -j DROP",
    "iptables -A OUTPUT -d fd00::/8 -j DROP",
    "iptables -A OUTPUT -j KILL",
    "iptables -t nosuch -A OUTPUT -j DROP",
    "iptables -N KILL; iptables -A KILL -j DROP; iptables -A OUTPUT -j KILL; iptables -P KILL DROP; iptables -F KILL",
    // May be deleted.
    "iptables -A OUTPUT -j DROP; if ask; then iptables -F; fi",
    "iptables -P OUTPUT DROP; ask && iptables -P OUTPUT ACCEPT",
    // A program that is not there.
    "iptables-restore < rules",
  ])
  func `rules that let it out`(_ lines: String) {
    #expect(Self.ruleset(lines).letsOut(Self.web))
  }

  @Test(arguments: [
    "iptables-restore < rules", "nft -f /etc/nftables.conf", "read_rules | iptables-restore", "iptables-restore",
    "iptables-restore <<END\n$(rules)\nEND", "iptables -A OUTPUT -m unheard --of x -j ACCEPT",
    "iptables -A OUTPUT -d $(getent hosts vpn) -j ACCEPT", "ufw enable", "echo 1 | xargs iptables -A OUTPUT -j",
    "echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6",
  ])
  func `what is not understood is listed`(_ line: String) {
    #expect(!Self.host(line).skipped.isEmpty)
  }

  @Test func `the rule that lets packets out is named`() {
    let rules = Self.ruleset("iptables -A OUTPUT -d 10.0.0.0/8 -j ACCEPT\niptables -A OUTPUT -o eth0 -j DROP")
    let rule = rules.acceptingRule(Question(destination: "10.64.0.1", transport: 17, port: 53))
    #expect(rule?.place.line == 1)
    #expect(rule?.text == "iptables -A OUTPUT -d 10.0.0.0/8 -j ACCEPT")
  }

  @Test func `established flows and ports`() {
    let rules = Self.ruleset(
      """
      iptables -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
      iptables -A OUTPUT -p udp -m multiport --dports 53,853 -j DROP
      iptables -A OUTPUT -p tcp --dport 1000:2000 -j DROP
      """)
    var web = Self.web
    #expect(rules.letsOut(web))
    web.port = 1500
    #expect(!rules.letsOut(web))
    web.state = .established
    #expect(rules.letsOut(web))
    #expect(!rules.letsOut(Question(destination: "198.51.100.77", transport: 17, port: 53)))
    #expect(rules.letsOut(Question(destination: "198.51.100.77", transport: 6, port: 53)))
  }

  @Test func `several addresses are several rules, also by number`() {
    let made = "iptables -A OUTPUT -d 9.9.9.9,198.51.100.77 -j DROP\n"
    #expect(!Self.ruleset(made).letsOut(Self.web))
    #expect(!Self.ruleset(made + "iptables -D OUTPUT 1").letsOut(Self.web))
    #expect(Self.ruleset(made + "iptables -D OUTPUT 2").letsOut(Self.web))
    #expect(Self.ruleset(made + "iptables -D OUTPUT -d 198.51.100.77 -j DROP").letsOut(Self.web))
    #expect(Self.ruleset(made + "iptables -D OUTPUT -d 198.51.100.77,9.9.9.9 -j DROP").letsOut(Self.web))
  }

  @Test func `a mark that iptables cannot read makes no rule`() {
    let host = Self.host(
      "iptables -I OUTPUT ! -o wg0 -m mark ! --mark $(wg show wg0 fwmark) -m addrtype ! --dst-type LOCAL -j REJECT")
    #expect(host.namespace.ruleset.letsOut(Self.web))
    #expect(host.refusedCommands.count == 1)
  }
}
