extension Scenario {
  static let largePackets = Scenario(
    17, "large-packets",
    "Datagrams are larger than the MTU, with and without fragments; the tunnel's gets smaller, and then it is deleted."
  ) { stage throws(DrillProblem) in
    let twin = stage.twin
    try stage.hold(.seconds(1))
    for interface in twin.tunnelInterfaces {
      // The least that IPv6 asks of a link (RFC 8200 section 5).
      _ = try twin.inGatewayNetwork(["ip", "link", "set", interface, "mtu", "1280"])
    }
    try stage.hold(.seconds(2))
    var deleted = 0
    for interface in twin.tunnelInterfaces
    where try twin.inGatewayNetwork(["ip", "link", "delete", interface]).succeeded {
      deleted += 1
    }
    guard deleted > 0 else { return .notDone("the tunnel's interface is not there, and cannot be deleted") }
    try stage.hold(.seconds(3))
    return .well
  }
}
