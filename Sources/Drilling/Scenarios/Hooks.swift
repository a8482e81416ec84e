extension Scenario {
  /// The kill switch that generators of configurations write (wg-quick(8), EXAMPLES), and its end.
  private static let generated = (
    up: """
    PostUp = iptables -I OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT
    """,
    down: """
    PreDown = iptables -D OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT
    """
  )

  static let hooks = [
    hook("hooks-absent", "wg0.conf has no hooks; then wg-quick takes the tunnel down.", []),
    hook(
      "hooks-generated",
      "wg0.conf has the PostUp and PreDown that providers write; then wg-quick takes the tunnel down.",
      [generated.up, generated.down]),
    hook(
      "predown-alone", "wg0.conf has the providers' PreDown without its PostUp; then wg-quick takes the tunnel down.",
      [generated.down]),
  ]

  private static func hook(_ id: String, _ what: String, _ lines: [String]) -> Scenario {
    Scenario(11, id, what, startsGateway: true) { stage throws(DrillProblem) in
      let twin = stage.twin
      if let reason = twin.lacksConfig { return .doesNotApply(reason) }
      guard try twin.inGateway(["sh", "-c", "command -v wg-quick"]).succeeded else {
        return .doesNotApply("the gateway's image has no wg-quick, which runs hooks")
      }
      for config in twin.configs {
        let kept = config.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).filter { line in
          let key = line.prefix { $0 != "=" }.filter { !$0.isWhitespace }.lowercased()
          return !["preup", "postup", "predown", "postdown"].contains(key)
        }
        guard let start = kept.firstIndex(where: { $0.contains("[Interface]") }) else {
          return .notDone("the configuration has no [Interface]")
        }
        let text = kept[...start] + lines.map { $0[...] } + kept[(start + 1)...]
        try twin.files.write(text.joined(separator: "\n"), to: config.path)
      }
      try twin.restart([twin.gatewayName])
      try twin.startConsumers(recreating: true)
      guard try stage.tunnelComesBack() else { return .notDone("the tunnel did not come up with these hooks") }
      for config in twin.configs {
        let outcome = try twin.inGateway(["wg-quick", "down", config.target])
        // Without the rule that it deletes, PreDown fails, and wg-quick stops there: then somebody deletes the interface.
        if !outcome.succeeded {
          for interface in twin.tunnelInterfaces { _ = try twin.inGatewayNetwork(["ip", "link", "delete", interface]) }
        }
      }
      try stage.hold(.seconds(3))
      return .well
    }
  }
}
