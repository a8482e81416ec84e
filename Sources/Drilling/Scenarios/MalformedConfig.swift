import Foundation

extension Scenario {
  static let malformedConfigs = [
    malformed("address", "Address", "Address = 10.64.0.300/99"),
    malformed("key", "PrivateKey", "PrivateKey = not a key"),
    malformed("endpoint", "Endpoint", "Endpoint = "),
    malformed("allowed-ips", "AllowedIPs", "AllowedIPs = 0.0.0.0/99"),
    malformed("mtu", "MTU", "MTU = large"),
    Scenario(9, "config-missing", "The gateway starts without its wg0.conf.", startsGateway: true) {
      stage throws(DrillProblem) in
      if let reason = stage.twin.lacksConfig { return .doesNotApply(reason) }
      // The engine would make a folder of its name, or refuse to start the container.
      if stage.twin.hasLoneConfig { return .doesNotApply("wg0.conf is mounted as a file, not with its folder") }
      for config in stage.twin.configs { try stage.twin.files.hide(config.path) }
      defer { for config in stage.twin.configs { stage.twin.files.unhide(config.path) } }
      return try startWithConfig(stage, instead: nil)
    },
  ]

  static let wrongKey = Scenario(
    10, "wrong-key", "The configuration has another server's key: no handshake ever succeeds.",
    startsGateway: true
  ) { stage throws(DrillProblem) in
    if let reason = stage.twin.lacksConfig { return .doesNotApply(reason) }
    let stranger = try TwinKeys(shared: false).server.open
    return try startWithConfig(stage) { replacing("PublicKey", in: $0, by: "PublicKey = \(stranger)") }
  }

  private static func malformed(_ id: String, _ key: String, _ line: String) -> Scenario {
    Scenario(9, "malformed-\(id)", "The gateway starts with a malformed \(key) in its wg0.conf.", startsGateway: true) {
      stage throws(DrillProblem) in
      if let reason = stage.twin.lacksConfig { return .doesNotApply(reason) }
      return try startWithConfig(stage) { replacing(key, in: $0, by: line) }
    }
  }

  /// The gateway and its consumers start with other configurations. The right ones are there again afterwards, for the
  /// next start.
  static func startWithConfig(_ stage: TwinStage, instead change: ((String) -> String)?) throws(DrillProblem) -> Ending
  {
    let twin = stage.twin
    if let change {
      for config in twin.configs { try twin.files.write(change(config.text), to: config.path) }
    }
    try twin.restart([twin.gatewayName])
    try twin.startConsumers(recreating: true)
    try stage.hold(.seconds(4))
    return .well
  }

  /// Puts a line in the place of the first one with this key; where there is none, behind `[Interface]`.
  static func replacing(_ key: String, in text: String, by line: String) -> String {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    func isKey(_ candidate: String) -> Bool {
      candidate.prefix { $0 != "=" }.filter { !$0.isWhitespace }.lowercased() == key.lowercased()
    }
    if let index = lines.firstIndex(where: isKey) {
      lines[index] = line
    } else if let index = lines.firstIndex(where: { $0.contains("[Interface]") }) {
      lines.insert(line, at: index + 1)
    }
    return lines.joined(separator: "\n")
  }
}
