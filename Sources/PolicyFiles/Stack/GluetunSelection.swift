import Policy
import TextFiles
import Wire

/// How gluetun's variables choose among the servers of a provider (gluetun v3,
/// internal/configuration/settings/serverselection.go and internal/storage/filter.go): by lists of texts, one of which
/// has to match in any case, and by features that a server must have.
struct GluetunSelection {
  private struct Condition {
    /// The variable that states it.
    var variable: String
    /// Fields of a server. One of them has to hold one of the values.
    var fields: [String]
    var values: Set<String>
  }

  /// The provider, by the name of its entry.
  let provider: String
  let client: GluetunClient
  /// The transport of OpenVPN; WireGuard has no choice.
  let transport: TunnelEndpoint.Transport
  /// The server's port; empty if neither a variable nor the provider's usage gives it. Several if versions differ.
  let ports: [UInt16]
  private let conditions: [Condition]
  /// Fields that have to be true, each with the variable that requires it.
  private let features: [(variable: String, field: String)]

  /// Variables with their older names, and the fields that they test. Countries were once called regions, and
  /// Surfshark's servers had other names.
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

  /// The port that gluetun uses with each WireGuard provider (internal/provider/*/connection.go).
  private static let wireGuardPorts: [String: UInt16] = [
    "airvpn": 1637, "fastestvpn": 51820, "ivpn": 58237, "mullvad": 51820, "nordvpn": 51820, "protonvpn": 51820,
    "surfshark": 51820, "windscribe": 1194,
  ]

  /// The ports with OpenVPN, over TCP and over UDP; 0 if there is none.
  private static let openVPNPorts: [String: (tcp: UInt16, udp: UInt16)] = [
    "airvpn": (443, 1194), "cyberghost": (443, 443), "expressvpn": (0, 1195), "fastestvpn": (4443, 4443),
    "giganews": (0, 443), "hidemyass": (8080, 553), "ipvanish": (0, 443), "ivpn": (443, 1194), "nordvpn": (443, 1194),
    "perfect privacy": (443, 443), "privado": (1194, 1194), "privatevpn": (443, 1194), "protonvpn": (443, 1194),
    "purevpn": (80, 53), "slickvpn": (443, 443), "surfshark": (1443, 1194), "torguard": (1912, 1912),
    "vpnsecure": (110, 1282), "vpn unlimited": (1197, 1197), "vyprvpn": (0, 443), "windscribe": (443, 1194),
  ]

  /// This provider's ports depend on the cipher, and have changed with gluetun's versions.
  private static func privateInternetAccessPorts(_ preset: String?, _ transport: TunnelEndpoint.Transport) -> [UInt16] {
    switch (preset == "normal", transport) {
    case (true, .tcp): [502]
    case (true, .udp): [1198]
    case (false, .tcp): [8443, 501]
    case (false, .udp): [8080, 1197]
    }
  }

  private static func ports(
    _ provider: String, _ client: GluetunClient, _ transport: TunnelEndpoint.Transport, preset: String?
  ) -> [UInt16] {
    guard client == .openVPN else { return wireGuardPorts[provider].map { [$0] } ?? [] }
    if provider == "private internet access" { return privateInternetAccessPorts(preset, transport) }
    let usual = openVPNPorts[provider].map { transport == .tcp ? $0.tcp : $0.udp } ?? 0
    return usual > 0 ? [usual] : []
  }

  /// Nil if no provider is named, or if the user's own server is.
  init?(_ environment: [String: Located<String>], _ client: GluetunClient) {
    func value(_ names: [String]) -> (name: String, text: String)? {
      names.lazy.compactMap { name in environment[name].map { (name, $0.value) } }.first { !$0.1.isEmpty }
    }
    guard let provider = value(["VPN_SERVICE_PROVIDER", "VPNSP"])?.text.lowercased(), provider != "custom" else {
      return nil
    }
    // The provider's former name.
    self.provider = provider == "pia" ? "private internet access" : provider
    self.client = client
    transport =
      client == .openVPN && value(["OPENVPN_PROTOCOL", "PROTOCOL"])?.text.lowercased() == "tcp" ? .tcp : .udp
    let stated = value(client.portVariables).flatMap { decimal($0.text, UInt16.self) }
    let preset = value(["PRIVATE_INTERNET_ACCESS_OPENVPN_ENCRYPTION_PRESET", "ENCRYPTION", "PIA_ENCRYPTION"])
    // Zero means that no port is given.
    ports =
      stated.flatMap { $0 > 0 ? [$0] : nil }
      ?? Self.ports(self.provider, client, transport, preset: preset?.text.lowercased())
    conditions = Self.lists.compactMap { list in
      guard let (name, text) = value(list.variables) else { return nil }
      let values = text.split(separator: ",").map { Self.trimmed($0).lowercased() }.filter { !$0.isEmpty }
      return values.isEmpty ? nil : Condition(variable: name, fields: list.fields, values: Set(values))
    }
    let chosen: [(variable: String, field: String)] = Self.flags.compactMap { flag in
      guard let (name, text) = value(flag.variables), ["on", "yes", "true", "1"].contains(text.lowercased()) else {
        return nil
      }
      return (name, flag.field)
    }
    // Not all OpenVPN servers support both transports.
    features = chosen + (client == .openVPN ? [("OPENVPN_PROTOCOL", transport.rawValue)] : [])
  }

  /// The fields of a server that are tested.
  var fields: Set<String> { Set(conditions.flatMap(\.fields) + features.map(\.field)) }

  /// The variables that choose, for somebody who has to find out why nothing matches.
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
