import TestSupport
import Testing

@testable import StackCheck

/// Rule files and calls whose rules are not what they look like. Of each pair the first leaves the stack
/// open, and the second closed, as iptables 1.8.9 and nft 1.0.6 do it in a network namespace.
struct RuleKindTests {
  private static func table(_ rules: String, policy: String = "drop", before: String = "", in name: String = "inet k")
    -> String
  {
    "\(before)\ntable \(name) {\n chain out {\n type filter hook output priority filter; policy \(policy);\n\(rules)\n }\n}"
  }

  private static let inside = "oifname { \"lo\", \"wg0\" } accept\nmeta mark 0xca6c accept"

  static let nft: [(flagged: String, innocent: String)] = [
    ("table inet k {\n flags dormant;\n}\n" + table(inside), "table inet k {\n comment \"x\"\n}\n" + table(inside)),
    (table(inside) + "\nadd table inet k { flags dormant; }", table(inside) + "\nadd table inet k"),
    ("table inet k {\n flags owner;\n}\n" + table(inside), table(inside)),
    (table("oif \"wg0\" accept"), table("oif \"lo\" accept")),
    (
      table(inside + "\noifname \"eth+\" drop", policy: "accept"),
      table(inside + "\noifname \"eth*\" drop", policy: "accept")
    ),
    (
      table(inside + "\noifname \"e\\*\" drop", policy: "accept"),
      table(inside + "\noifname \"e*\" drop", policy: "accept")
    ),
    (
      table(inside + "\noifname \"eth0\" drop counter", policy: "accept"),
      table(inside + "\noifname \"eth0\" counter drop comment \"x\"", policy: "accept")
    ),
    (table(inside + "\ntcp dport 53 udp dport 53 drop"), table(inside + "\nudp dport 53 drop")),
    (table("ip6 daddr ::1 drop", in: "ip k"), table(inside + "\nip6 daddr ::1 accept\nip daddr 127.0.0.1 accept")),
    (table(inside + "\nip daddr 10.0.0.1 ip6 daddr fc00::1 drop"), table(inside + "\nip daddr 10.0.0.1 drop")),
    (
      table(inside + "\nreject with icmp type port-unreachable", policy: "accept"),
      table(inside + "\nreject", policy: "accept")
    ),
    (
      table(inside + "\nreject with icmpv6 type no-route", policy: "accept"),
      table(inside + "\nreject with icmpx type no-route", policy: "accept")
    ),
    (
      table(inside + "\nudp dport 1 reject with tcp reset"), table(inside + "\ntcp dport 1 reject with tcp reset")
    ),
    (
      table(inside + "\nct state != invalid,established accept"),
      table(inside + "\nct state != invalid,established drop")
    ),
    (
      "table inet k {\n chain out {\n type filter hook output priority 0; policy drop;\n oifname @a accept\n }\n set a {\n type ifname; elements = { \"eth0\" };\n }\n}",
      "table inet k {\n chain out {\n type filter hook output priority 0; policy drop;\n oifname @a accept\n }\n set a {\n type ifname; elements = { \"wg0\" };\n }\n}"
    ),
    (
      table(inside + "\noifname @a accept\n}\nset a {\n type ifname; elements={ \"eth0\" };"),
      table(inside + "\noifname @a accept\n}\nset a {\n type ifname; elements={ \"wg0\" };")
    ),
    (
      table(inside + "\noifname @a accept\n}\nset a {\n type ifname; elements = { $A };", before: "define A = eth0"),
      table(inside + "\noifname @a accept\n}\nset a {\n type ifname; elements = { $A };", before: "define A = wg0")
    ),
    (table(inside + "\noifname $A accept"), table(inside + "\noifname $A accept", before: "define A = { wg0, lo }")),
    (table(inside + "\noifname @a accept"), table(inside)),
    ("delete table inet k\n" + table(inside), "table inet k\ndelete table inet k\n" + table(inside)),
    ("flush table inet k\n" + table(inside), "add table inet k\nflush table inet k\n" + table(inside)),
    ("destroy table inet k\n" + table(inside), "flush ruleset\n" + table(inside)),
    (
      "add chain inet k out { type filter hook output priority 0; policy drop; }",
      "add table inet k\nadd chain inet k out { type filter hook output priority 0; policy drop; }"
    ),
    (table(inside) + "\ncreate table inet k", table(inside) + "\ncreate table inet l"),
    (table(inside + "\nmasquerade"), table(inside)),
    (
      table(inside)
        + "\ntable ip n {\n chain o {\n type nat hook output priority 0; policy accept;\n masquerade\n }\n}",
      table(inside)
        + "\ntable ip n {\n chain o {\n type nat hook postrouting priority 100; policy accept;\n masquerade\n }\n}"
    ),
    (
      table(inside + "\njump a\n}\nchain a {\n jump b\n}\nchain b {\n jump a"),
      table(inside + "\njump a\n}\nchain a {\n jump b\n}\nchain b {\n drop")
    ),
    (
      table("oifname vmap { \"lo\" : accept, \"eth0\" : accept }"),
      table("meta mark 0xca6c accept\noifname vmap { \"lo\" : accept, \"wg0\" : accept, \"eth0\" : drop }")
    ),
    (
      table("ct state vmap { new : accept, established : accept }"),
      table(inside + "\nct state vmap { invalid : drop, established : return }")
    ),
    (table(inside) + "\nflush ruleset", table(inside) + "\nlist ruleset"),
    (
      table(
        inside
          + "\nip6 nexthdr { tcp, udp, icmpv6 } drop\nmeta l4proto != { tcp, udp, icmpv6 } drop\nmeta nfproto ipv4 drop",
        policy: "accept"),
      table(
        inside
          + "\nmeta l4proto { tcp, udp, icmpv6 } drop\nmeta l4proto != { tcp, udp, icmpv6 } drop\nmeta nfproto ipv4 drop",
        policy: "accept")
    ),
    (table(inside + "\nlog flags all accept"), table(inside + "\nlog prefix \"x\" level info flags all counter drop")),
    ("define A = x\ndefine A = y\n" + table(inside), "define A = x\nredefine A = y\n" + table(inside)),
    (table(inside + "\noifname \"averyverylongname\" drop"), table(inside + "\noifname \"alongname\" drop")),
    ("include \"/open\"\n" + table(inside + "\n$X"), "include \"/closed\""),
    ("include \"/none\"\n" + table(inside), "include \"/names\"\n" + table("oifname $IN accept")),
    (table(inside) + "\ntable netdev x {\n}", table(inside) + "\ntable inet x {\n}"),
  ]

  private static let included = [
    "/open": "flush ruleset\n", "/closed": table(inside), "/names": "define IN = { lo, wg0 }\n",
  ]

  @Test(arguments: nft)
  func `an nft file that leaves the stack open is never clean`(flagged: String, innocent: String) {
    #expect(!ScriptKindTests.isShown("nft -f - <<'END'\n\(flagged)\nEND", files: Self.included).0)
    let (isShown, because) = ScriptKindTests.isShown("nft -f - <<'END'\n\(innocent)\nEND", files: Self.included)
    #expect(isShown, "\(because)")
  }

  @Test(arguments: [
    ("nft --file=/open", "nft --file=/names"), ("nft -f/open", "nft -f/names"), ("nft -ef /open", "nft -nf /names"),
    ("nft -i < /open", "nft -cf /open"), ("nft -f /names flush ruleset", "nft -f /open list ruleset"),
    ("nft -j -f /names", "nft -s list ruleset"),
    (
      "nft add set inet k a '{ type ifname; elements = { eth0 }; }'; nft add rule inet k out oifname @a accept",
      "nft list set inet k a"
    ),
    ("[ -f /x ] && nft delete table inet k", "[ -f /x ] && nft list table inet k"),
  ])
  func `a second nft call sees what the first one made`(flagged: String, innocent: String) {
    let first = "nft -f - <<'END'\n\(Self.table(Self.inside))\nEND\n"
    #expect(!ScriptKindTests.isShown(first + flagged, files: Self.included).0)
    let (isShown, because) = ScriptKindTests.isShown(first + innocent, files: Self.included)
    #expect(isShown, "\(because)")
  }

  private static let start = """
    ip6tables -P OUTPUT DROP
    iptables -A OUTPUT -o lo -j ACCEPT
    iptables -A OUTPUT -o wg0 -j ACCEPT

    """

  @Test(arguments: [
    ("iptables -A OUTPUT -o 'eth*' -j DROP", "iptables -A OUTPUT -o eth+ -j DROP"),
    ("iptables -A OUTPUT -m tcp -j DROP", "iptables -A OUTPUT -p tcp -m tcp -j DROP; iptables -P OUTPUT DROP"),
    ("iptables -A OUTPUT -p tcp -m udp -j DROP", "iptables -A OUTPUT -m limit -j LOG; iptables -P OUTPUT DROP"),
    ("iptables -A OUTPUT -m state -j DROP", "iptables -A OUTPUT -m comment --comment x -j DROP"),
    ("iptables -A OUTPUT -m conntrack -j DROP", "iptables -A OUTPUT -m mark ! --mark 1 -m mark ! --mark 2 -j DROP"),
    ("iptables -A OUTPUT -m mark -j DROP", "iptables -A OUTPUT -m mark ! --mark 1 -j DROP"),
    (
      "iptables -A OUTPUT -p tcp -m multiport -j DROP; iptables -A OUTPUT -m owner -j DROP",
      "iptables -A OUTPUT -j DROP"
    ),
    (
      "iptables -A OUTPUT -m comment --comment a --comment b -j DROP",
      "iptables -A OUTPUT -j DROP -m comment --comment a"
    ),
    ("iptables -A OUTPUT -d 0.0.0.0/0 -d 0.0.0.0/0 -j DROP", "iptables -A OUTPUT -d 0/0 -j DROP"),
    ("iptables -A OUTPUT -o eth0 -o eth0 -j DROP", "iptables -A OUTPUT -o eth0 -j DROP"),
    ("iptables -A OUTPUT -p all -p all -j DROP", "iptables -A OUTPUT -p all -j DROP"),
    ("iptables -A OUTPUT ! -o averyverylongname -j DROP", "iptables -A OUTPUT ! -o alongname -j DROP"),
    ("iptables -A OUTPUT ! -o '' -j DROP", "iptables -A OUTPUT -o '' -j DROP"),
    (
      "iptables -P OUTPUT DROP; iptables -A OUTPUT -o '' -j ACCEPT",
      "iptables -P OUTPUT DROP; iptables -A OUTPUT -o x -j ACCEPT"
    ),
    (
      "N=averyveryverylongchainnameforall; iptables -N $N; iptables -A $N -j DROP; iptables -A OUTPUT -j $N",
      "N=short; iptables -N $N; iptables -A $N -j DROP; iptables -A OUTPUT -j $N"
    ),
    (
      "[ -f /x ] && iptables -N K; iptables -A K -j DROP; iptables -A OUTPUT -j K",
      "[ -f /x ] && iptables -N K; iptables -N K; iptables -A K -j DROP; iptables -A OUTPUT -j K"
    ),
    (
      "iptables -N A; iptables -A OUTPUT -j A; iptables -A A -j A; iptables -D A 1; iptables -A OUTPUT -j DROP",
      "iptables -N A; iptables -A OUTPUT -j A; iptables -A A -j DROP"
    ),
    (
      "iptables -A OUTPUT -j REJECT --reject-with icmp-port-unreachable --reject-with icmp-port-unreachable",
      "iptables -A OUTPUT -j REJECT"
    ),
  ])
  func `a call that iptables refuses makes no rule`(flagged: String, innocent: String) {
    #expect(!ScriptKindTests.isShown(Self.start + flagged).0)
    let (isShown, because) = ScriptKindTests.isShown(Self.start + innocent)
    #expect(isShown, "\(because)")
  }

  private static let rules = "*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -o wg0 -j ACCEPT\n"

  @Test(arguments: [
    (rules.replacing("\n", with: "\r\n") + "COMMIT\r\n", rules + "COMMIT"),
    (rules + "COMMIT \n", rules + "COMMIT\n\n# end\n"),
    (rules + "*nat\nCOMMIT\n", rules + "COMMIT\n*nat\nCOMMIT\n"),
    (
      rules + ":A - [0:0]\n-A OUTPUT -j A\n-A A -j A\nCOMMIT\n",
      rules + ":A - [0:0]\n-A OUTPUT -j A\n-A A -j DROP\nCOMMIT\n"
    ),
    (rules + "-A OUTPUT -j ACCEPT\nCOMMIT\n", rules + "-6 -A OUTPUT -j ACCEPT\nCOMMIT\n"),
    ("  " + rules + "COMMIT\n", rules.replacing("*filter", with: "* filter ") + "COMMIT\n"),
  ])
  func `a refused iptables-restore file makes no rule`(flagged: String, innocent: String) {
    let script = "ip6tables -P OUTPUT DROP\niptables-restore /r"
    #expect(!ScriptKindTests.isShown(script, files: ["/r": flagged]).0)
    let (isShown, because) = ScriptKindTests.isShown(script, files: ["/r": innocent])
    #expect(isShown, "\(because)")
  }

  @Test func `a chain that a file names again is emptied`() {
    let script = Self.start + "iptables -N K; iptables -A K -j DROP; iptables -A OUTPUT -j K\niptables-restore -n /r"
    #expect(!ScriptKindTests.isShown(script, files: ["/r": "*filter\n:K - [0:0]\nCOMMIT\n"]).0)
    #expect(ScriptKindTests.isShown(script, files: ["/r": "*filter\n:L - [0:0]\nCOMMIT\n"]).0)
  }

  @Test func `type 255 of ICMP is any`() {
    let closed = "iptables -P OUTPUT DROP; ip6tables -P OUTPUT DROP; iptables -A OUTPUT -p icmp --icmp-type "
    var ping = Question(destination: "198.51.100.77")
    ping.transport = 1
    #expect(RulesetTests.ruleset(closed + "255 -j ACCEPT").letsOut(ping))
  }

  @Test func `a mark holds for later chains, whatever its rule's target`() throws {
    for (mark, isOpen) in [("0xca6c", true), ("0xca6d", false)] {
      let first = Self.table("meta mark set \(mark) accept", policy: "accept", in: "inet first")
        .replacing("priority filter", with: "priority -150")
      let host = RulesetTests.host("nft -f - <<'END'\n\(first)\n\(Self.table(Self.inside))\nEND")
      let facts = LeakSpace.Facts(networks: ["eth0"], configs: [])
      #expect(try host.namespace.openings(.ipv4, facts).isOpenAtLarge == isOpen)
      #expect(host.skipped.isEmpty && host.refusedCommands.isEmpty)
    }
  }

  /// A loop that only some paths through a script make: what is refused depends on it.
  @Test(arguments: [
    "iptables -A OUTPUT -j B\niptables -A B -j C\niptables -A C -j ACCEPT",
    "iptables-restore -n <<'END'\n*filter\n-A OUTPUT -j B\n-A B -j C\n-A C -j ACCEPT\nCOMMIT\nEND",
  ])
  func `a possible loop is neither refused nor ignored`(rules: String) {
    func script(_ condition: String) -> String {
      "iptables -P OUTPUT DROP; ip6tables -P OUTPUT DROP; iptables -N B; iptables -N C\n\(condition)iptables -A C -j B\n\(rules)"
    }
    let (isShown, because) = ScriptKindTests.isShown(script("[ -f /x ] && "), files: [:])
    #expect(!isShown && because.contains("may form a loop"), "\(because)")
    // If the loop is certain, the kernel refuses it.
    let (_, refused) = ScriptKindTests.isShown(script(""), files: [:])
    #expect(!refused.contains("may form") && refused.contains("form a loop"), "\(refused)")
  }
}
