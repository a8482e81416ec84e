import Foundation
import PolicyFiles
import Probing
import Wire

/// The tunnel's other end on the island: at the address and port that the stack's configuration names, so that rules
/// which name them mean the same, but with keys of its own.
struct TwinEndpoint {
  private let island: Island
  let address: IPAddress
  let port: UInt16
  /// Host names that the stack looks up to find it.
  let names: [String]
  /// The tunnel's addresses: packets that come from them went through it.
  let tunnelAddresses: [IPAddress]
  private let keys: TwinKeys
  /// Where it listens: at its port, unless the twin's internet answers there at every address.
  var listeningPort: UInt16 { ProbeCatalogue.ports(.udp).contains(port) ? Self.freePort : port }
  /// No probe's, and none that the kernel gives to a socket.
  static let freePort: UInt16 = 61_820
  /// TEST-NET-3 (RFC 5737), for an Endpoint without an address of its own.
  private static let usualAddress = IPAddress(v4: 0xCB00_71B2)
  /// Where it is found, too, if it has a name: the name may move there.
  static let otherAddress = IPAddress(v4: 0xCB00_71B3)
  var addresses: [IPAddress] { names.isEmpty ? [address] : [address, Self.otherAddress] }

  /// - Parameter mayChoose: whether the stack takes any Endpoint that it is told.
  init(
    _ island: Island, _ keys: TwinKeys, for configs: [WireGuardConfig], mayChoose: Bool
  ) throws(DrillProblem) {
    self.island = island
    self.keys = keys
    var names: [String] = []
    switch configs.lazy.flatMap(\.peers).compactMap({ $0.endpoint?.value }).first {
    case .address(let endpoint):
      (address, port) = (endpoint.address, endpoint.port)
    case .name(let name, let number):
      (address, port) = (Self.usualAddress, number)
      names = [name]
    case nil:
      guard mayChoose else {
        throw DrillProblem(
          .stack, "no configuration of the tunnel states an Endpoint: the twin needs one to put its server there")
      }
      (address, port) = (Self.usualAddress, EndpointText.usualPort)
    }
    self.names = names
    tunnelAddresses = configs.flatMap { $0.addresses.map(\.value.address) }
    try start()
  }

  private func start() throws(DrillProblem) {
    try island.demandOnInternet(
      "the twin's Endpoint",
      [
        "bash", "-ec",
        """
        ip link add wg0 type wireguard 2>/dev/null || wireguard-go wg0 >/dev/null 2>&1 || {
            echo 'neither the kernel nor wireguard-go makes a WireGuard interface' >&2
            exit 1
        }
        sysctl -qw net.ipv4.conf.wg0.rp_filter=0
        ip link set wg0 mtu 1420 up
        """,
      ])
    for address in addresses where listeningPort != port {
      try island.demandOnInternet(
        "the way to the twin's Endpoint",
        [
          address.isIPv4 ? "iptables" : "ip6tables", "-w", "-t", "nat", "-A", "PREROUTING", "-d", "\(address)", "-p",
          "udp", "--dport", "\(port)", "-j", "REDIRECT", "--to-ports", "\(listeningPort)",
        ])
    }
    // Rules without a target only count.
    for address in addresses {
      _ = try Command.run(island.internetWords(Self.errorRule("-A", address)), environment: island.environment)
    }
    try acceptClient()
    for address in tunnelAddresses {
      // What ends in the tunnel is not of the internet.
      let family = address.isIPv4 ? "-4" : "-6"
      try island.demandOnInternet(
        "the way back into the tunnel", ["ip", family, "route", "replace", "\(address)", "dev", "wg0"])
    }
  }

  /// Knows the twin, and nothing of a session with it.
  func acceptClient() throws(DrillProblem) {
    let allowed = tunnelAddresses.map { "\($0)/\($0.width)" }.joined(separator: ",")
    try island.demandOnInternet(
      "the twin's Endpoint",
      [
        "bash", "-ec",
        """
        wg set wg0 private-key <(echo "$1") listen-port "$2" peer "$3" remove
        wg set wg0 peer "$3" ${4:+preshared-key <(echo "$4")} allowed-ips "$5"
        """, "wg", keys.server.secret, "\(listeningPort)", keys.client.open, keys.shared, allowed,
      ])
  }

  private static func errorRule(_ action: String, _ address: IPAddress) -> [String] {
    let (program, transport) = address.isIPv4 ? ("iptables", "icmp") : ("ip6tables", "icmpv6")
    return [
      program, "-w", "-t", "raw", action, "PREROUTING", "-i", "lan", "-d", "\(address)", "-p", transport,
      "--\(transport)-type", "destination-unreachable",
    ]
  }

  /// How many ICMP errors have come to it outside of the tunnel since the twin was made: what a kernel answers if the
  /// tunnel's socket is gone. Zero if they cannot be counted.
  func errorsReceived() -> Int {
    let program = address.isIPv4 ? "iptables" : "ip6tables"
    let words = [program, "-w", "-t", "raw", "-nvxL", "PREROUTING"]
    guard let outcome = try? Command.run(island.internetWords(words), environment: island.environment) else { return 0 }
    return outcome.output.split(separator: "\n").dropFirst(2).reduce(0) { sum, line in
      sum + (line.split(separator: " ").first.flatMap { Int($0) } ?? 0)
    }
  }

  /// Packets to it vanish, or are refused as a host does that has nobody at this port; nil ends that.
  func block(_ target: String?) throws(DrillProblem) {
    // Nothing else is in this chain, so that emptying it undoes what was done.
    try island.demandOnInternet(
      "the Endpoint's silence",
      [
        "bash", "-ec",
        """
        for tables in iptables ip6tables; do
            command -v $tables >/dev/null || continue
            $tables -w -F INPUT 2>/dev/null || [[ $tables == ip6tables ]]
            [[ -z $2 ]] || $tables -w -A INPUT -p udp --dport "$1" -j "$2" || [[ $tables == ip6tables ]]
        done
        """, "block", "\(listeningPort)", target ?? "",
      ])
  }
}
