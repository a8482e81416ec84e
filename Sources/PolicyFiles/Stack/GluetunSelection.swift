import Wire

/// How gluetun's variables choose among the servers of a provider (gluetun v3, internal/configuration/settings/serverselection.go
/// and internal/storage/filter.go): lists of texts of which one has to fit, whatever its case, and features that a server must have.
struct GluetunSelection {
  private struct Condition {
    /// The variable that gives it.
    var variable: String
    /// Fields of a server, one of which has to hold one of the values.
    var fields: [String]
    var values: Set<String>
  }

  /// The provider, as its entry is called.
  let provider: String
  /// The server's port; nil where neither a variable nor the provider's usage gives it.
  let port: UInt16?
  private let conditions: [Condition]
  /// Fields that have to be true, with the variable that says so.
  private let features: [(variable: String, field: String)]

  /// Variables with their older names, and the fields that they look at. Countries were once called regions, and Surfshark's servers
  /// had other names.
  private static let lists: [(variables: [String], fields: [String])] = [
    (["SERVER_COUNTRIES", "COUNTRY"], ["country"]),
    (["SERVER_REGIONS", "REGION"], ["region", "country", "retroloc"]),
    (["SERVER_CITIES", "CITY"], ["city"]),
    (["SERVER_HOSTNAMES", "SERVER_HOSTNAME"], ["hostname"]),
    (["SERVER_NAMES", "SERVER_NAME"], ["server_name"]),
    (["SERVER_CATEGORIES"], ["categories"]),
    (["SERVER_NUMBER"], ["number"]),
    (["ISP"], ["isp"]),
  ]

  private static let flags: [(variables: [String], field: String)] = [
    (["OWNED_ONLY", "OWNED"], "owned"), (["FREE_ONLY"], "free"), (["PREMIUM_ONLY"], "premium"),
    (["STREAM_ONLY"], "stream"), (["MULTIHOP_ONLY"], "multihop"), (["SECURE_CORE_ONLY"], "secure_core"),
    (["TOR_ONLY"], "tor"), (["PORT_FORWARD_ONLY"], "port_forward"),
  ]

  /// The port that gluetun takes with each provider of WireGuard (internal/provider/*/connection.go).
  private static let ports: [String: UInt16] = [
    "airvpn": 1637, "fastestvpn": 51820, "ivpn": 58237, "mullvad": 51820, "nordvpn": 51820, "protonvpn": 51820,
    "surfshark": 51820, "windscribe": 1194,
  ]

  /// Nil where no provider is named, or one's own server is.
  init?(_ environment: [String: Located<String>]) {
    func value(_ names: [String]) -> (name: String, text: String)? {
      names.lazy.compactMap { name in environment[name].map { (name, $0.value) } }.first { !$0.1.isEmpty }
    }
    guard let provider = value(["VPN_SERVICE_PROVIDER", "VPNSP"])?.text.lowercased(), provider != "custom" else {
      return nil
    }
    self.provider = provider
    let stated = value(["WIREGUARD_ENDPOINT_PORT", "VPN_ENDPOINT_PORT"]).flatMap { decimal($0.text, UInt16.self) }
    // Zero is gluetun's word for none.
    port = stated.flatMap { $0 > 0 ? $0 : nil } ?? Self.ports[provider]
    conditions = Self.lists.compactMap { list in
      guard let (name, text) = value(list.variables) else { return nil }
      let values = text.split(separator: ",").map { Self.trimmed($0).lowercased() }.filter { !$0.isEmpty }
      return values.isEmpty ? nil : Condition(variable: name, fields: list.fields, values: Set(values))
    }
    features = Self.flags.compactMap { flag in
      guard let (name, text) = value(flag.variables), ["on", "yes", "true", "1"].contains(text.lowercased()) else {
        return nil
      }
      return (name, flag.field)
    }
  }

  /// The fields of a server that are looked at.
  var fields: Set<String> { Set(conditions.flatMap(\.fields) + features.map(\.field)) }

  /// What chooses, for whoever has to look why nothing fits.
  var variables: [String] { conditions.map(\.variable) + features.map(\.variable) }

  func admits(_ server: GluetunServers.Server) -> Bool {
    features.allSatisfy { server.flags.contains($0.field) }
      && conditions.allSatisfy { condition in
        condition.fields.contains { field in server.texts[field]?.contains(where: condition.values.contains) == true }
      }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return text
  }
}
