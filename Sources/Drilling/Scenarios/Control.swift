extension Scenario {
  /// The positive control: without a kill switch there must be leaks, and the drill must see them.
  package static let control = Scenario(
    0, "control", "The drill takes the tunnel and the kill switch away, and must see the leak.", exercise: .leaks
  ) { stage throws(DrillProblem) in
    let twin = stage.twin
    _ = try twin.inGatewayNetwork(
      [
        "bash", "-c",
        """
        for tool in iptables ip6tables iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do
            command -v $tool >/dev/null || continue
            for chain in INPUT FORWARD OUTPUT; do $tool -w -P $chain ACCEPT; done
            # Not nat: Docker's resolver needs what is there.
            for table in filter mangle raw; do $tool -w -t $table -F; done
        done
        if command -v nft >/dev/null; then
            nft list tables | while read -r _ family name; do
                [[ $family == inet || $family == netdev ]] && nft delete table "$family" "$name"
            done
        fi
        gateway=$1
        shift
        for interface; do ip link delete "$interface"; done
        ip route replace default via "$gateway"
        """, "control", try twin.router(),
      ] + twin.tunnelInterfaces)
    try stage.hold(.seconds(3))
    return .well
  }

  /// The same for a running stack, which keeps its kill switch (`Drill.runControl`).
  static let controlBeside = Scenario(
    0, "control", "The drill makes attempts beside a bridge of its own, without a kill switch, and must see the leak.",
    exercise: .leaks
  ) { _ throws(DrillProblem) in .notDone("it is made beside the stack") }
}
