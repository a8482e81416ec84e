extension StackFault {
  /// One line for people.
  package var title: String { texts.title }
  /// What happens on the wire, and who sees it.
  package var consequence: String { texts.consequence }
  /// How to mend it.
  package var mending: String { texts.mending }
  /// Where it is described: a manual, an RFC, a CVE, or the issue in which it was found.
  package var reference: String { texts.reference }

  private var texts: (title: String, consequence: String, mending: String, reference: String) {
    switch self {
    case .noKillSwitch:
      (
        "no kill switch",
        "whenever the tunnel is not up, every packet leaves in clear, with your own address",
        "refuse what does not leave through the tunnel, in a start-up script that runs before it comes up; with gluetun, remove "
          + "the line",
        "linuxserver/docker-wireguard#139; ilteoood/docker-surfshark#48"
      )
    case .killSwitchInPostUp:
      (
        "the kill switch is only in wg-quick's hooks",
        "until wg-quick is through, and for good where it refuses the configuration, every packet leaves in clear",
        "move the rules to a start-up script in /custom-cont-init.d, which runs before wg-quick and without it",
        "wg-quick(8); linuxserver/docker-wireguard#318"
      )
    case .preDownRemovesKillSwitch:
      (
        "a hook of wg-quick removes the kill switch",
        "from wg-quick down on, also in each restart, every packet leaves in clear",
        "remove the hook, so that the rules outlive the tunnel",
        "wg-quick(8), PreDown and PostDown"
      )
    case .preDownDeletesScriptRule:
      (
        "a hook deletes the start-up script's own rule",
        "iptables -D takes the first rule with the same text, whoever made it: after wg-quick down the kill switch is gone",
        "remove the hook from the configuration",
        "iptables(8), -D"
      )
    case .confRefused:
      (
        "wg-quick will refuse the configuration",
        "no tunnel comes up, and the container runs on as the start-up scripts left it",
        "correct the line, and test with wg-quick strip",
        "wg-quick(8); wg(8), CONFIGURATION FILE FORMAT"
      )
    case .errexitBeforeKillSwitch:
      (
        "under set -e a failing command ends the script before the kill switch",
        "if the command fails, the rules after it are never made, and the container starts without them",
        "make the refusing rules first, or put '|| true' behind what may fail",
        "bash(1), set -e"
      )
    case .waitsBeforeKillSwitch:
      (
        "the script waits before the kill switch is there",
        "as long as it waits, every packet leaves in clear; for good, where what it waits for never comes",
        "make the refusing rules first, and wait after them",
        "bash(1), Compound Commands; sleep(1)"
      )
    case .markMismatch:
      (
        "the kill switch lets another mark out than the tunnel's",
        "the tunnel's own packets are refused: nothing leaks, and no tunnel comes up",
        "state FwMark in [Interface] and the same number in the rules: without it wg-quick takes the first free table from "
          + "51820 up, whatever the Endpoint's port",
        "wg-quick(8), FwMark; wireguard-tools src/wg-quick/linux.bash, add_default"
      )
    case .ipv6Open:
      (
        "no kill switch for IPv6",
        "as soon as the network has IPv6, packets leave through it in clear while IPv4 is safe",
        "make the same rules with ip6tables, or set the sysctl net.ipv6.conf.all.disable_ipv6=1 on the service",
        "RFC 7359"
      )
    case .tunnelResolverAccepted:
      (
        "a rule lets the tunnel's own resolver out",
        "while the tunnel is down, questions to it leave in clear: to your provider, with the names in them",
        "accept only the prefix of your LAN, not all of RFC 1918, and refuse port 53 before",
        "RFC 9076; RFC 1918 is where VPN resolvers live, too"
      )
    case .tunnelResolverRouted:
      (
        "a route leads the tunnel's resolver past the tunnel",
        "even while the tunnel is up every question to it leaves in clear: a route that is more specific than the tunnel's wins, "
          + "and wg-quick suppresses only the default route of the main table",
        "route only the prefix of your LAN",
        "wg-quick(8); ip-rule(8), suppress_prefixlength"
      )
    case .lanDNSAccepted:
      (
        "a rule lets DNS out to the LAN",
        "a router that is asked passes the question on to your provider's resolver, in clear",
        "refuse ports 53 and 853, UDP and TCP, before the rule that accepts the LAN",
        "RFC 9076"
      )
    case .establishedAccepted:
      (
        "established connections are accepted before the kill switch",
        "a flow that began before the rules were there, or by another way, goes on outside of the tunnel",
        "accept only replies to your LAN (-d 192.168.1.0/24), not everything that is ESTABLISHED",
        "iptables-extensions(8), conntrack; qdm12/gluetun flushes conntrack for this reason"
      )
    case .rejectUnreachable:
      (
        "an earlier rule accepts what the kill switch should refuse",
        "the refusing rule never sees the packet: it leaves in clear",
        "put the refusing rule first, or narrow the accepting one",
        "iptables(8): the first rule that matches decides"
      )
    case .ruleRefused:
      (
        "iptables will refuse the rule",
        "the rule is never made, and the script goes on: often because $(wg show wg0 fwmark) is empty until there is a wg0",
        "write the mark as a number, and state the same one as FwMark in [Interface]",
        "iptables(8); wg(8), show"
      )
    case .ruleLetsOut:
      (
        "a rule lets out what no tunnel carries",
        "whatever it names leaves in clear, with your own address, also while the tunnel is up: a program can choose its "
          + "ports and the interface",
        "narrow the rule to -o and the tunnel's interface, or to your LAN",
        "iptables(8): the first rule that matches decides; socket(7), SO_BINDTODEVICE"
      )
    case .mayBeOpen:
      (
        "whether the kill switch holds depends on what no file says",
        "where the condition goes the other way, the packets leave in clear",
        "refuse with iptables, and without a condition, what does not leave through the tunnel",
        "iptables-extensions(8): owner, limit, time and others; socket(7), SO_BINDTODEVICE"
      )
    case .endpointAccepted:
      (
        "a rule lets out more to the Endpoint than the tunnel",
        "whoever says that a name has the Endpoint's address gets what programs send there in clear",
        "accept only UDP to the Endpoint's port, or only packets with the tunnel's mark",
        "CVE-2023-36673 (TunnelCrack, ServerIP)"
      )
    case .tunnelAddressAccepted:
      (
        "a rule lets packets with the tunnel's own address out",
        "a program that is bound to the tunnel's address sends in clear from it: whoever sees the packet knows which of the "
          + "provider's clients you are",
        "accept only -s and the container's own address, or refuse -o eth0 with -s and the tunnel's Address before",
        "wg-quick(8), Address; CVE-2023-36672 (TunnelCrack, LocalNet)"
      )
    case .forwardOpen:
      (
        "what is routed for others leaves in clear",
        "while the tunnel is not up, the packets of those that use this container as their way out leave by its network, in "
          + "clear",
        "set iptables -P FORWARD DROP, and accept there only what leaves by the tunnel's interface",
        "iptables(8), FORWARD: OUTPUT does not see what is routed"
      )
    case .chainUnused:
      (
        "the kill switch is in a chain that nothing jumps to",
        "no packet ever comes to its rules: everything leaves in clear",
        "jump to it from OUTPUT, as the first rule",
        "iptables(8), -j"
      )
    case .dnsMissing:
      (
        "the configuration names no resolver",
        "names are asked of the container's resolver: Docker's, which passes questions on from the container's "
          + "namespace, or, where the host's resolver is a loopback address, from the host's, where no rule of the "
          + "container holds",
        "add DNS = with the tunnel's resolver to [Interface]",
        "moby/moby#47538, CVE-2024-29018"
      )
    case .dockerResolverOpen:
      (
        "Docker's resolver is left to the machine's",
        "whoever asks 127.0.0.11, as everything does while the tunnel is not up, has Docker pass the question on to the machine's "
          + "resolver; where that is a loopback address (systemd-resolved), from the machine's own namespace, where no rule of "
          + "the container holds",
        "give the service that holds the tunnel dns: with the tunnel's resolver",
        "moby/moby#47538, CVE-2024-29018"
      )
    case .resolverOutside:
      (
        "names are asked outside of the tunnel",
        "every name that a consumer looks up leaves in clear, also while the tunnel is up",
        "leave names to gluetun's own resolver: remove the variable, or name a resolver that the tunnel leads to",
        "gluetun-wiki, setup/options/dns.md; qdm12/gluetun#3217"
      )
    case .allowedIPsPartial:
      (
        "AllowedIPs do not cover all of IPv4",
        "what they do not cover goes around the tunnel, wherever the rules let it",
        "write AllowedIPs = 0.0.0.0/0, ::/0",
        "wg(8), AllowedIPs"
      )
    case .allowedIPsIPv6:
      (
        "AllowedIPs do not cover IPv6",
        "IPv6 goes around the tunnel as soon as the network has it",
        "add ::/0 to AllowedIPs, and an IPv6 address, or refuse IPv6",
        "RFC 7359"
      )
    case .endpointName:
      (
        "the Endpoint is a name",
        "at each start it is looked up outside of the tunnel; whoever answers chooses where the tunnel goes, and with a "
          + "kill switch that holds no tunnel comes up at all",
        "write the address",
        "CVE-2023-36673 (TunnelCrack, ServerIP); wg(8), Endpoint"
      )
    case .keyReadable:
      (
        "others may read the private key",
        "who has the key can take the tunnel's place at the provider",
        "chmod 600 the file",
        "wg-quick(8): 'is world accessible'"
      )
    case .srcValidMark:
      (
        "the sysctl src_valid_mark is missing",
        "wg-quick sets it as its last step, which fails in a container, and takes the tunnel down again",
        "add sysctls: [net.ipv4.conf.all.src_valid_mark=1] to the service",
        "wireguard-tools src/wg-quick/linux.bash, add_default; linuxserver/docker-wireguard, README"
      )
    case .consumerNetAdmin:
      (
        "a consumer has NET_ADMIN",
        "it shares the tunnel's network namespace: it can take the rules away, and set the mark that passes them",
        "remove NET_ADMIN and privileged from the consumer",
        "capabilities(7); socket(7), SO_MARK"
      )
    case .consumerNetRaw:
      (
        "a consumer has NET_RAW, as Docker gives it",
        "a program in it that runs as root can send frames that no rule of iptables sees, with a packet socket; since Linux "
          + "5.17 it can also set the mark that passes the rules",
        "add cap_drop: [NET_RAW] to the consumer",
        "packet(7); socket(7), SO_MARK; Linux commit 079925cce1d0"
      )
    case .engineReachable:
      (
        "a container may command the engine",
        "whoever can ask the engine can start a program in the tunnel's network namespace that takes the rules away, or "
          + "sends with their mark",
        "do not mount the socket, nor a folder that holds it: :ro does not limit what may be asked",
        "docs.docker.com, Docker security, Docker daemon attack surface"
      )
    case .machineReachable:
      (
        "a container has power over the machine",
        "with it a program may leave its container, and change the rules of any network namespace from outside",
        "remove what is named; mount a folder that is only read with :ro",
        "capabilities(7); pid_namespaces(7); docker run, --privileged"
      )
    case .gatewayFilesWritable:
      (
        "another container may write what the gateway runs or reads",
        "what is written there runs with NET_ADMIN when the gateway starts again, and may open the kill switch",
        "mount it there with :ro, or keep the gateway's files in a folder of their own",
        "compose-spec, volumes; linuxserver/docker-wireguard, custom scripts"
      )
    case .hostNetwork:
      (
        "the tunnel is in the machine's own network",
        "rules of OUTPUT hold for the machine's own programs alone: what other containers send is forwarded, and Docker's "
          + "rules let it out in clear",
        "give the gateway a network of its own, and its consumers network_mode: service:NAME; else refuse in the chain "
          + "DOCKER-USER what does not leave by the tunnel",
        "docs.docker.com, Packet filtering and firewalls, DOCKER-USER"
      )
    case .outsideKillSwitch:
      (
        "a service is outside of the kill switch",
        "all that it sends leaves in clear, with your own address",
        "network_mode: service:NAME puts it inside; if it is meant to be outside, allow it by name in a policy file",
        "compose-spec, network_mode"
      )
    case .portOnConsumer:
      (
        "a port is published on the consumer",
        "its network is the gateway's: Docker refuses the container, and a way around this is a way around the tunnel",
        "publish the port on the service that holds the tunnel",
        "compose-spec, network_mode; docker run, --network container:"
      )
    case .healthCheckChangesRules:
      (
        "the health check opens the kill switch",
        "it runs again and again while the container does: what it opens is open from its first run on",
        "let a health check only look, and leave rules to the start-up script",
        "compose-spec, healthcheck"
      )
    case .healthCheckBlind:
      (
        "the health check also passes while leaking",
        "a stack whose traffic leaves in clear is called healthy, and consumers start into it",
        "bind the check to the tunnel, as in ping -I wg0",
        "haugene/docker-transmission-openvpn#1721"
      )
    case .healthyWithoutHealthCheck:
      (
        "a consumer waits for a health that nobody checks",
        "nothing: Compose refuses to start the consumer, and whoever removes the condition has it start before the tunnel",
        "give the gateway a healthcheck that asks the tunnel, as in ping -c 1 -I wg0",
        "compose-spec, depends_on and healthcheck"
      )
    case .startsBeforeTunnel:
      (
        "a consumer starts before the tunnel is healthy",
        "what it sends in the first seconds meets whatever rules are there by then",
        "give the gateway a healthcheck, and depends_on it with condition: service_healthy",
        "compose-spec, depends_on; qdm12/gluetun#2484"
      )
    case .restartRace:
      (
        "the engine restarts a consumer without asking for the tunnel",
        "when the machine boots or the engine restarts, the engine asks for no depends_on: the consumer sends as soon as the "
          + "gateway's process runs, before its start-up scripts have",
        "use restart: on-failure for consumers, and let docker compose up -d start the stack at boot",
        "docs.docker.com, Start containers automatically; bubuntux/nordvpn#165"
      )
    }
  }
}
