import Foundation

/// The machine's network as its default route shows it. The island has the same one, so that rules which name the LAN, the
/// router or this machine mean the same there.
struct HostNetwork: Equatable {
  var nic: String
  /// With the prefix length.
  var address: String
  var router: String

  /// A machine without a default route has this one.
  static let usual = HostNetwork(nic: "eth0", address: "192.168.1.10/24", router: "192.168.1.1")

  static func read() throws(DrillProblem) -> HostNetwork {
    let routes = try Command.run(["ip", "-4", "-json", "route", "show", "default"])
    guard let route = list(routes.output).first, let nic = route["dev"] as? String,
      let router = route["gateway"] as? String
    else { return usual }
    let links = try Command.run(["ip", "-4", "-json", "address", "show", "dev", nic])
    let addresses = list(links.output).flatMap { $0["addr_info"] as? [[String: Any]] ?? [] }
    // A router that is not in the interface's own network is reached by a route of its own: such networks are not copied.
    guard let found = addresses.first, let address = found["local"] as? String, let length = found["prefixlen"] as? Int,
      (8...30).contains(length), nic.utf8.count <= 15
    else { return usual }
    return HostNetwork(nic: nic, address: "\(address)/\(length)", router: router)
  }

  private static func list(_ text: String) -> [[String: Any]] {
    (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [[String: Any]] ?? []
  }
}
