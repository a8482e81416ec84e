extension Scenario {
  static let networkChanged = [
    Scenario(
      12, "network-reconnected", "The gateway is disconnected from its network and connected again.",
      exercise: .noTunnel(.milliseconds(700))
    ) { stage throws(DrillProblem) in
      let twin = stage.twin
      let container = try twin.containerID(of: twin.gatewayName)
      let names = try twin.island.demand(
        "docker inspect",
        [
          "docker", "inspect", "--format", "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}\n{{end}}",
          container,
        ]
      ).split(separator: "\n").map(String.init)
      guard let network = names.first else { return .doesNotApply("the gateway is attached to no network") }
      try twin.island.demand("docker network disconnect", ["docker", "network", "disconnect", network, container])
      try stage.hold(.seconds(2))
      try twin.island.demand("docker network connect", ["docker", "network", "connect", network, container])
      // Whether the stack recovers from that is another question.
      try stage.hold(.seconds(3))
      return .well
    }
  ]

  static let engineChanged = [
    Scenario(
      13, "engine-restarted", "Docker's engine is restarted.", exercise: .noTunnel(.milliseconds(700)),
      startsGateway: true
    ) {
      stage throws(DrillProblem) in
      try stage.twin.engine.stop()
      try stage.twin.engine.start()
      try stage.twin.startRest()
      return try stage.recovered()
    },
    Scenario(
      13, "firewall-reloaded",
      "The machine's firewall is flushed, and forwards everything, as when its owner reloads it.",
      exercise: .attempts, startsGateway: true
    ) { stage throws(DrillProblem) in
      let island = stage.twin.island
      try island.demand(
        "the firewall", ["bash", "-ec", "iptables -w -P FORWARD ACCEPT; iptables -w -F; iptables -w -t nat -F"])
      try stage.hold(.seconds(3))
      try stage.twin.engine.stop()
      try stage.twin.engine.start()
      try stage.twin.startRest()
      return try stage.recovered()
    },
  ]

  static let ipv6Appears = Scenario(
    14, "ipv6-appears", "The gateway's network gets IPv6, as when a router begins to announce it.", exercise: .tunnel
  ) { stage throws(DrillProblem) in
    let twin = stage.twin
    let interfaces = try twin.inGatewayNetwork(["ls", "/proc/sys/net/ipv6/conf"])
    guard interfaces.succeeded else { return .doesNotApply("this machine has no IPv6") }
    try twin.island.demand(
      "IPv6 on the bridge",
      [
        "bash", "-ec",
        """
        process=$1
        inside() { nsenter --target "$process" --net -- "$@"; }
        link=eth0
        index=$(inside ip -o link show "$link" | sed -n 's/.*@if\\([0-9]*\\):.*/\\1/p')
        bridge=$(ip -o link | sed -n "s/^$index: .* master \\([^ ]*\\) .*/\\1/p")
        [[ -n $bridge ]] || { echo 'its bridge is not found' >&2; exit 1; }
        ip -6 address replace 2001:db8:77::1/64 dev "$bridge" nodad
        sysctl -qw net.ipv6.conf.all.forwarding=1
        nsenter --net=/run/netns/internet -- ip -6 route replace 2001:db8:77::/64 via 2001:db8:1::10
        inside sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf."$link".disable_ipv6=0 || true
        inside ip -6 address replace 2001:db8:77::2/64 dev "$link" nodad
        inside ip -6 route replace default via 2001:db8:77::1 dev "$link"
        """, "ipv6", "\(try twin.process(of: twin.gatewayName))",
      ])
    try stage.hold(.seconds(4))
    return .well
  }
}
