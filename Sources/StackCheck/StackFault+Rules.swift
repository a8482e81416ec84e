/// What the rules let out, or refuse, that they should not.
extension StackFault {
  static let ofRules: [Self] = [
    markMismatch, ipv6Open, tunnelResolverAccepted, tunnelResolverRouted, lanDNSAccepted, establishedAccepted,
    rejectUnreachable, ruleRefused, ruleLetsOut, mayBeOpen, endpointAccepted, tunnelAddressAccepted, forwardOpen,
    chainUnused,
  ]

  package static let markMismatch = Self(
    "mark-mismatch",
    title: "the kill switch lets another mark out than the tunnel's",
    consequence: "the tunnel's own packets are refused: nothing leaks, and no tunnel comes up",
    mending:
      "state FwMark in [Interface] and the same number in the rules: without it wg-quick takes the first free table from "
      + "51820 up, whatever the Endpoint's port",
    reference: "wg-quick(8), FwMark; wireguard-tools src/wg-quick/linux.bash, add_default")

  package static let ipv6Open = Self(
    "ipv6-open",
    title: "no kill switch for IPv6",
    consequence: "as soon as the network has IPv6, packets leave through it in clear while IPv4 is safe",
    mending: "make the same rules with ip6tables, or set the sysctl net.ipv6.conf.all.disable_ipv6=1 on the service",
    reference: "RFC 7359")

  package static let tunnelResolverAccepted = Self(
    "tunnel-resolver-accepted",
    title: "a rule lets the tunnel's own resolver out",
    consequence: "while the tunnel is down, questions to it leave in clear: to your provider, with the names in them",
    mending: "accept only the prefix of your LAN, not all of RFC 1918, and refuse port 53 before",
    reference: "RFC 9076; RFC 1918 is where VPN resolvers live, too")

  package static let tunnelResolverRouted = Self(
    "tunnel-resolver-routed",
    title: "a route leads the tunnel's resolver past the tunnel",
    consequence:
      "even while the tunnel is up every question to it leaves in clear: a route that is more specific than the tunnel's wins, "
      + "and wg-quick suppresses only the default route of the main table",
    mending: "route only the prefix of your LAN",
    reference: "wg-quick(8); ip-rule(8), suppress_prefixlength")

  package static let lanDNSAccepted = Self(
    "lan-dns-accepted",
    title: "a rule lets DNS out to the LAN",
    consequence: "a router that is asked passes the question on to your provider's resolver, in clear",
    mending: "refuse ports 53 and 853, UDP and TCP, before the rule that accepts the LAN",
    reference: "RFC 9076")

  package static let establishedAccepted = Self(
    "established-accepted",
    title: "established connections are accepted before the kill switch",
    consequence: "a flow that began before the rules were there, or by another way, goes on outside of the tunnel",
    mending: "accept only replies to your LAN (-d 192.168.1.0/24), not everything that is ESTABLISHED",
    reference: "iptables-extensions(8), conntrack; qdm12/gluetun flushes conntrack for this reason")

  package static let rejectUnreachable = Self(
    "reject-unreachable",
    title: "an earlier rule accepts what the kill switch should refuse",
    consequence: "the refusing rule never sees the packet: it leaves in clear",
    mending: "put the refusing rule first, or narrow the accepting one",
    reference: "iptables(8): the first rule that matches decides")

  package static let ruleRefused = Self(
    "rule-refused",
    title: "iptables will refuse the rule",
    consequence:
      "the rule is never made, and the script goes on: often because $(wg show wg0 fwmark) is empty until there is a wg0",
    mending: "write the mark as a number, and state the same one as FwMark in [Interface]",
    reference: "iptables(8); wg(8), show")

  package static let ruleLetsOut = Self(
    "rule-lets-out",
    title: "a rule lets out what no tunnel carries",
    consequence:
      "whatever it names leaves in clear, with your own address, also while the tunnel is up: a program can choose its "
      + "ports and the interface",
    mending: "narrow the rule to -o and the tunnel's interface, or to your LAN",
    reference: "iptables(8): the first rule that matches decides; socket(7), SO_BINDTODEVICE")

  package static let mayBeOpen = Self(
    "may-be-open",
    title: "whether the kill switch holds depends on what no file says",
    consequence: "where the condition goes the other way, the packets leave in clear",
    mending: "refuse with iptables, and without a condition, what does not leave through the tunnel",
    reference: "iptables-extensions(8): owner, limit, time and others; socket(7), SO_BINDTODEVICE")

  package static let endpointAccepted = Self(
    "endpoint-accepted",
    title: "a rule lets out more to the Endpoint than the tunnel",
    consequence: "whoever says that a name has the Endpoint's address gets what programs send there in clear",
    mending: "accept only UDP to the Endpoint's port, or only packets with the tunnel's mark",
    reference: "CVE-2023-36673 (TunnelCrack, ServerIP)")

  package static let tunnelAddressAccepted = Self(
    "tunnel-address-accepted",
    title: "a rule lets packets with the tunnel's own address out",
    consequence:
      "a program that is bound to the tunnel's address sends in clear from it: whoever sees the packet knows which of the "
      + "provider's clients you are",
    mending:
      "accept only -s and the container's own address, or refuse -o eth0 with -s and the tunnel's Address before",
    reference: "wg-quick(8), Address; CVE-2023-36672 (TunnelCrack, LocalNet)")

  package static let forwardOpen = Self(
    "forward-open",
    title: "what is routed for others leaves in clear",
    consequence:
      "while the tunnel is not up, the packets of those that use this container as their way out leave by its network, in "
      + "clear",
    mending: "set iptables -P FORWARD DROP, and accept there only what leaves by the tunnel's interface",
    reference: "iptables(8), FORWARD: OUTPUT does not see what is routed")

  package static let chainUnused = Self(
    "chain-unused",
    title: "the kill switch is in a chain that nothing jumps to",
    consequence: "no packet ever comes to its rules: everything leaves in clear",
    mending: "jump to it from OUTPUT, as the first rule",
    reference: "iptables(8), -j")
}
