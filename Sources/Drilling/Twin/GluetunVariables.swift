import PolicyFiles
import Wire

/// What a gluetun in a twin has in the place of its own variables: a server of its own choice would not be on the
/// island (gluetun-wiki, setup/providers/custom.md).
enum GluetunVariables {
  /// Filters for a provider's servers: with a server that is stated, gluetun refuses them. Empty is as if they were not
  /// there.
  private static let filters = [
    "SERVER_", "COUNTRY", "REGION", "CITY", "OWNED_ONLY", "FREE_ONLY", "STREAM_ONLY", "PREMIUM_ONLY",
  ]

  /// - Parameter stated: the names of the variables that the service has.
  static func replacing(_ stated: some Sequence<String>, _ keys: TwinKeys, address: IPAddress, port: UInt16)
    -> [String: String]
  {
    var variables = [
      "VPN_SERVICE_PROVIDER": "custom", "VPN_TYPE": "wireguard", "VPN_PORT_FORWARDING": "off",
      "WIREGUARD_PRIVATE_KEY": keys.client.secret, "WIREGUARD_PUBLIC_KEY": keys.server.open,
      "WIREGUARD_PRESHARED_KEY": keys.shared, "WIREGUARD_ENDPOINT_IP": "\(address)",
      "WIREGUARD_ENDPOINT_PORT": "\(port)",
    ]
    // Former names of the same.
    if stated.contains("VPN_ENDPOINT_IP") { variables["VPN_ENDPOINT_IP"] = "\(address)" }
    if stated.contains("VPN_ENDPOINT_PORT") { variables["VPN_ENDPOINT_PORT"] = "\(port)" }
    for name in stated where filters.contains(where: { name.hasPrefix($0) }) { variables[name] = "" }
    return variables
  }

  /// A compose file that lays these over the service's own.
  ///
  /// - Parameter version: of the compose files, if they state one: Compose's first version wants the same in all.
  static func file(_ variables: [String: String], service: String, version: String?) -> String {
    func quoted(_ text: String) -> String {
      "'" + text.replacing("'", with: "''").replacing("$", with: "$$") + "'"
    }
    var text = version.map { "version: \($0)\n" } ?? ""
    text += "services:\n  \(quoted(service)):\n    environment:\n"
    for (name, value) in variables.sorted(by: { $0.key < $1.key }) { text += "      \(name): \(quoted(value))\n" }
    return text
  }

  /// The `version:` line's value.
  static func version(of composeFile: String) -> String? {
    for line in composeFile.split(whereSeparator: \.isNewline) where line.hasPrefix("version:") {
      return line.dropFirst(8).trimmingBlanks
    }
    return nil
  }
}
