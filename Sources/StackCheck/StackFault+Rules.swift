/// What the rules let out, or refuse, that they should not.
extension StackFault {
  static let ofRules: [Self] = [
    markMismatch, ipv6Open, tunnelResolverAccepted, tunnelResolverRouted, lanDNSAccepted, establishedAccepted,
    rejectUnreachable, ruleRefused, ruleLetsOut, mayBeOpen, endpointAccepted, tunnelAddressAccepted, forwardOpen,
    chainUnused,
  ]

  package static let markMismatch = Self(
    "mark-mismatch",
    title: "the kill switch lets out a mark that is not the tunnel's",
    consequence: "the tunnel's own packets are refused: nothing leaks, and no tunnel comes up",
    fix:
      "set FwMark in [Interface], and the same number in the rules: without it wg-quick takes the first free table from "
      + "51820 up, whatever the Endpoint's port is",
    reference: "wg-quick(8), FwMark; wireguard-tools src/wg-quick/linux.bash, add_default")

  package static let ipv6Open = Self(
    "ipv6-open",
    title: "no kill switch for IPv6",
    consequence: "as soon as the network has IPv6, packets leave over it in clear, while IPv4 is safe",
    fix: "make the same rules with ip6tables, or set the sysctl net.ipv6.conf.all.disable_ipv6=1 on the service",
    reference: "RFC 7359")

  package static let tunnelResolverAccepted = Self(
    "tunnel-resolver-accepted",
    title: "a rule lets out queries to the tunnel's own resolver",
    consequence: "while the tunnel is down, queries to it leave in clear: your provider sees the names",
    fix: "accept only the prefix of your LAN, not all of RFC 1918, and refuse port 53 before that",
    reference: "RFC 9076; RFC 1918 is where VPN resolvers live, too")

  package static let tunnelResolverRouted = Self(
    "tunnel-resolver-routed",
    title: "a route leads queries to the tunnel's resolver past the tunnel",
    consequence:
      "every query to it leaves in clear, even while the tunnel is up: a route that is more specific than the tunnel's wins, "
      + "and wg-quick suppresses only the default route of the main table",
    fix: "route only the prefix of your LAN",
    reference: "wg-quick(8); ip-rule(8), suppress_prefixlength")

  package static let lanDNSAccepted = Self(
    "lan-dns-accepted",
    title: "a rule lets DNS out to the LAN",
    consequence: "your router passes the query on to your provider's resolver, in clear",
    fix: "refuse ports 53 and 853, UDP and TCP, before the rule that accepts the LAN",
    reference: "RFC 9076")

  package static let establishedAccepted = Self(
    "established-accepted",
    title: "established connections are accepted before the kill switch",
    consequence:
      "a connection that began before the rules were there, or on another path, continues outside the tunnel",
    fix: "accept only replies to your LAN (-d 192.168.1.0/24), not everything that is ESTABLISHED",
    reference: "iptables-extensions(8), conntrack; qdm12/gluetun flushes conntrack for this reason")

  package static let rejectUnreachable = Self(
    "reject-unreachable",
    title: "an earlier rule accepts what the kill switch should refuse",
    consequence: "the refusing rule never sees the packet: it leaves in clear",
    fix: "put the refusing rule first, or narrow the accepting one",
    reference: "iptables(8): the first rule that matches decides")

  package static let ruleRefused = Self(
    "rule-refused",
    title: "iptables will refuse the rule",
    consequence:
      "the rule is never made, and the script continues; often $(wg show wg0 fwmark) is empty because there is no wg0 yet",
    fix: "write the mark as a number, and set the same one as FwMark in [Interface]",
    reference: "iptables(8); wg(8), show")

  package static let ruleLetsOut = Self(
    "rule-lets-out",
    title: "a rule lets packets out past the tunnel",
    consequence:
      "whatever it matches leaves in clear, from your own address, even while the tunnel is up: a program can choose its "
      + "ports and the interface",
    fix: "limit the rule to the tunnel's interface (-o), or to your LAN",
    reference: "iptables(8): the first rule that matches decides; socket(7), SO_BINDTODEVICE")

  package static let mayBeOpen = Self(
    "may-be-open",
    title: "the files do not show whether the kill switch holds",
    consequence: "if the condition turns out the other way, packets leave in clear",
    fix: "refuse what does not leave through the tunnel, with an iptables rule that has no condition",
    reference: "iptables-extensions(8): owner, limit, time and others; socket(7), SO_BINDTODEVICE")

  package static let endpointAccepted = Self(
    "endpoint-accepted",
    title: "a rule lets more out to the Endpoint than the tunnel",
    consequence: "a forged DNS answer with the Endpoint's address makes programs send to it in clear",
    fix: "accept only UDP to the Endpoint's port, or only packets with the tunnel's mark",
    reference: "CVE-2023-36673 (TunnelCrack, ServerIP)")

  package static let tunnelAddressAccepted = Self(
    "tunnel-address-accepted",
    title: "a rule lets out packets from the tunnel's own address",
    consequence:
      "a program that is bound to the tunnel's address sends in clear from it: anyone who sees the packet knows which of the "
      + "provider's clients you are",
    fix:
      "accept only the container's own address (-s), or first refuse the tunnel's Address on eth0 (-o eth0 -s)",
    reference: "wg-quick(8), Address; CVE-2023-36672 (TunnelCrack, LocalNet)")

  package static let forwardOpen = Self(
    "forward-open",
    title: "packets that are routed for others leave in clear",
    consequence:
      "while the tunnel is down, packets of containers and machines that use this one as their gateway leave through its network "
      + "in clear",
    fix: "set iptables -P FORWARD DROP, and accept there only what leaves through the tunnel's interface",
    reference: "iptables(8), FORWARD: OUTPUT does not see what is routed")

  package static let chainUnused = Self(
    "chain-unused",
    title: "the kill switch is in a chain that nothing jumps to",
    consequence: "no packet ever reaches its rules: everything leaves in clear",
    fix: "jump to it from OUTPUT, as the first rule",
    reference: "iptables(8), -j")
}
