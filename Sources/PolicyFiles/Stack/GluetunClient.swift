import Policy
import Wire

/// The clients that gluetun can run, by their names in `VPN_TYPE` and in the lists of servers.
package enum GluetunClient: String, Sendable {
  case openVPN = "openvpn"
  case wireGuard = "wireguard"
  case amneziaWG = "amneziawg"

  /// The prefix of the client's own variables.
  var prefix: String { rawValue.uppercased() + "_" }

  /// The variables that give the server's port. The first that is stated counts.
  var portVariables: [String] {
    [prefix + "ENDPOINT_PORT"] + (self == .openVPN ? ["PORT", "OPENVPN_PORT"] : []) + ["VPN_ENDPOINT_PORT"]
  }

  /// The variables that give the server's address.
  var addressVariables: [String] {
    [prefix + "ENDPOINT_IP"] + (self == .openVPN ? ["OPENVPN_TARGET_IP"] : []) + ["VPN_ENDPOINT_IP"]
  }
}
