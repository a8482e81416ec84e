import Glibc
import Probing

extension Scenario {
  static let resolverLeft = Scenario(
    15, "resolver-left",
    "Names are looked up as resolv.conf says in each state: with the tunnel, after wg-quick took it down, and where it is "
      + "refused.", startsGateway: true
  ) { stage throws(DrillProblem) in
    let twin = stage.twin
    if let reason = twin.lacksConfig { return .doesNotApply(reason) }
    guard try twin.lookUp(), try twin.lookUp() else { return .notDone("the consumers' resolv.conf names no resolver") }
    for config in twin.configs {
      let outcome = try twin.inGateway(["wg-quick", "down", config.target])
      if [126, 127].contains(outcome.status) { return .doesNotApply("the gateway's image has no wg-quick") }
      if !outcome.succeeded { return .notDone("wg-quick down: \(outcome.lastWord)") }
    }
    _ = try twin.lookUp()
    try stage.hold(.seconds(2))
    for config in twin.configs {
      try twin.files.write(
        replacing("Address", in: config.text, by: "Address = 10.64.0.300/99"), to: config.path)
    }
    try twin.restart([twin.gatewayName])
    try twin.startConsumers(recreating: true)
    try stage.hold(.seconds(1))
    _ = try twin.lookUp()
    return .well
  }
}

extension Twin {
  /// Asks each resolver that the resolv.conf of the first consumer names now, as its programs would: the next one if one
  /// does not answer. False if it names none.
  fileprivate func lookUp() throws(DrillProblem) -> Bool {
    let process = try process(of: consumerNames.first ?? gatewayName)
    let resolvers = resolvers(process: process)
    for resolver in resolvers {
      let words =
        ["bash", "-c", "sleep 1 | \"$@\"", "lookups", "nsenter", "--net=/proc/\(process)/ns/net", "--"]
        + privileges.words
        + [Island.program, "drill-probe", "--lookups-only", "--every", "500", "--container-resolver", resolver]
      // It goes on until its input ends. What becomes of its attempts is seen on the wire.
      _ = try island.run(words, within: .seconds(5))
    }
    return !resolvers.isEmpty
  }
}
