import PolicyFiles
import ShellScript
import Wire

/// gluetun's firewall as rules, so that it is judged like any other: its own, then those of `FIREWALL_OUTBOUND_SUBNETS`, then
/// the user's (qdm12/gluetun, internal/firewall/enable.go).
struct GluetunFirewall {
  /// What places of gluetun's own rules name: what they let out is its business, and no finding.
  static let ownFile = "gluetun's own rules"

  var life: Lifecycle
  let files: [String]

  init(_ gateway: TunnelGateway, subnet: IPPrefix?) {
    let own = gateway.service.networks.first?.ipv4Address?.value ?? subnet?.address ?? IPAddress("172.18.0.2")!
    let networks = gateway.service.interfaceNames
    let network = networks.first ?? "eth0"
    var scripts = [TunnelGateway.StartupScript(path: Self.ownFile, target: "", text: Self.ownRules(gateway, network))]
    if let (_, prefixes, stated) = gateway.outboundSubnets {
      let rules = prefixes.map { prefix in
        prefix.address.isIPv4
          ? "iptables -A OUTPUT -o \(network) -s \(own) -d \(prefix) -j ACCEPT"
          : "ip6tables -A OUTPUT -o \(network) -d \(prefix) -j ACCEPT"
      }
      scripts.append(
        .init(
          path: stated.place.file, target: "",
          text: String(repeating: "\n", count: max(0, (stated.place.line ?? 1) - 1)) + rules.joined(separator: "; ")))
    }
    var files: [String] = []
    if let (name, text, _) = gateway.file(at: TunnelGateway.postRules) {
      files.append(name)
      scripts.append(.init(path: name, target: TunnelGateway.postRules, text: Self.commands(text)))
    }
    var host = ScriptHost(NetworkNamespace(), configs: gateway.configs.map { ($0.path, $0.config.withoutHooks) })
    host.files = { gateway.file(at: $0) }
    if let (name, text, _) = gateway.file(at: TunnelGateway.nftablesPostRules) {
      files.append(name)
      host.file = name
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        guard let first = line.first(where: { !$0.isWhitespace }), first != "#" else { continue }
        host.passOver(line: index + 1, text: String(line), because: "gluetun's rules of nftables are not modelled")
      }
    }
    self.files = files
    life = Lifecycle(host, networks: networks, scripts: scripts, environment: [:], isStarted: { _ in true })
  }

  private static func ownRules(_ gateway: TunnelGateway, _ network: String) -> String {
    var lines = ["iptables", "ip6tables"].flatMap { program in
      [
        "\(program) -P INPUT DROP", "\(program) -P OUTPUT DROP", "\(program) -P FORWARD DROP",
        "\(program) -A OUTPUT -o lo -j ACCEPT",
        "\(program) -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
      ]
    }
    for peer in gateway.configs.flatMap(\.config.peers) {
      guard case .address(let endpoint)? = peer.endpoint?.value else { continue }
      let program = endpoint.address.isIPv4 ? "iptables" : "ip6tables"
      lines.append(
        "\(program) -A OUTPUT -d \(endpoint.address) -o \(network) -p udp -m udp --dport \(endpoint.port) -j ACCEPT")
    }
    return lines.joined(separator: "\n")
  }

  /// The lines that gluetun takes for commands, each in its place, with the iptables that it found for itself. It passes over all
  /// others, and splits at blanks alone (internal/firewall/iptables/iptables.go, RunUserPostRules).
  private static func commands(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      for program in ["iptables", "ip6tables"] {
        for suffix in ["", "-nft", "-legacy"] where line.hasPrefix(program + suffix + " ") {
          return program + line.dropFirst(program.count + suffix.count)
        }
      }
      return ""
    }.joined(separator: "\n")
  }
}
