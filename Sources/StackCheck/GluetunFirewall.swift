import ComposeFiles
import Policy
import PolicyFiles
import TextFiles
import Wire

/// gluetun's firewall as rules, so that it is judged like any other. Its own rules come first, then those of
/// `FIREWALL_OUTBOUND_SUBNETS`, then the user's (qdm12/gluetun, internal/firewall/enable.go).
struct GluetunFirewall {
  /// The program that makes the rules: iptables, or in releases after 3.41 nftables with a table of gluetun's own
  /// (internal/firewall/nftables).
  enum Program: String, CaseIterable { case iptables, nftables }

  /// The file name for the places of gluetun's own rules. What they let out is gluetun's business and no finding.
  static let ownFile = "gluetun's own rules"

  var life: Lifecycle
  let files: [String]

  /// The programs that may run: the one that `FIREWALL_IMPLEMENTATION` states, else iptables. If nftables rules are
  /// mounted, a release may choose nftables by itself.
  static func programs(_ gateway: TunnelGateway) -> [Program] {
    if let stated = gateway.firewallImplementation.flatMap({ Program(rawValue: $0.value.lowercased()) }) {
      return [stated]
    }
    return Program.allCases.filter { $0 == .iptables || gateway.file(at: $0.postRules) != nil }
  }

  init(_ gateway: TunnelGateway, subnet: IPPrefix?, _ program: Program) {
    let own = gateway.service.networks.first?.ipv4Address?.value ?? subnet?.address ?? IPAddress("172.18.0.2")!
    let networks = gateway.service.interfaceNames
    let network = networks.first ?? "eth0"
    var scripts = [
      TunnelGateway.StartupScript(path: Self.ownFile, target: "", text: program.ownRules(gateway, network))
    ]
    if let (_, prefixes, stated) = gateway.outboundSubnets {
      let rules = prefixes.map { program.accepting($0, from: own, on: network) }
      scripts.append(
        .init(
          path: stated.place.file, target: "",
          text: String(repeating: "\n", count: max(0, (stated.place.line ?? 1) - 1)) + rules.joined(separator: "; ")))
    }
    var files: [String] = []
    if let (name, text, _) = gateway.file(at: program.postRules) {
      files.append(name)
      scripts.append(.init(path: name, target: program.postRules, text: program.commands(text)))
    }
    var host = ScriptHost(NetworkNamespace(), configs: gateway.configs.map { ($0.path, $0.config.withoutHooks) })
    host.files = { gateway.file(at: $0) }
    self.files = files
    life = Lifecycle(host, networks: networks, scripts: scripts, environment: [:], isStarted: { _ in true })
  }
}

extension GluetunFirewall.Program {
  /// The path of the user's own rules.
  var postRules: String {
    self == .iptables ? TunnelGateway.postRules : TunnelGateway.nftablesPostRules
  }

  func ownRules(_ gateway: TunnelGateway, _ network: String) -> String {
    let servers = gateway.servers
    switch self {
    case .iptables:
      let common = ["iptables", "ip6tables"].flatMap { program in
        [
          "\(program) -P INPUT DROP", "\(program) -P OUTPUT DROP", "\(program) -P FORWARD DROP",
          "\(program) -A OUTPUT -o lo -j ACCEPT",
          "\(program) -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        ]
      }
      return
        (common
        + servers.map { server in
          let transport = server.transport.rawValue
          return "\(server.endpoint.address.isIPv4 ? "iptables" : "ip6tables") -A OUTPUT -d \(server.endpoint.address) "
            + "-o \(network) -p \(transport) -m \(transport) --dport \(server.endpoint.port) -j ACCEPT"
        }).joined(separator: "\n")
    case .nftables:
      let chains = ["input", "forward", "output"].map {
        "nft 'add chain inet gluetun \($0) { type filter hook \($0) priority filter; policy drop; }'"
      }
      return
        (["nft add table inet gluetun"] + chains + [
          "nft add rule inet gluetun output oifname lo accept",
          "nft add rule inet gluetun output ct state established,related accept",
        ]
        + servers.map { server in
          "nft add rule inet gluetun output oifname \(network) \(Self.family(server.endpoint.address)) daddr "
            + "\(server.endpoint.address) \(server.transport.rawValue) dport \(server.endpoint.port) accept"
        }).joined(separator: "\n")
    }
  }

  /// The rule that `FIREWALL_OUTBOUND_SUBNETS` adds for a network.
  func accepting(_ prefix: IPPrefix, from own: IPAddress, on network: String) -> String {
    switch self {
    case .iptables:
      prefix.address.isIPv4
        ? "iptables -A OUTPUT -o \(network) -s \(own) -d \(prefix) -j ACCEPT"
        : "ip6tables -A OUTPUT -o \(network) -d \(prefix) -j ACCEPT"
    case .nftables:
      prefix.address.isIPv4
        ? "nft add rule inet gluetun output oifname \(network) ip saddr \(own) ip daddr \(prefix) accept"
        : "nft add rule inet gluetun output oifname \(network) ip6 daddr \(prefix) accept"
    }
  }

  /// The lines that gluetun reads as commands, each at its line number. It skips all others, and splits words only at
  /// blanks.
  func commands(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      self == .iptables ? Self.iptablesCommand(line) : Self.nftCommand(line)
    }.joined(separator: "\n")
  }

  /// Uses the iptables that gluetun found for itself (internal/firewall/iptables/iptables.go, RunUserPostRules).
  private static func iptablesCommand(_ line: Substring) -> String {
    for program in ["iptables", "ip6tables"] {
      for suffix in ["", "-nft", "-legacy"] where line.hasPrefix(program + suffix + " ") {
        return program + line.dropFirst(program.count + suffix.count)
      }
    }
    return ""
  }

  /// Blanks may come before the command, and no shell reads it: nft itself reads the quotes
  /// (internal/firewall/nftables/support.go, RunUserPostRules).
  private static func nftCommand(_ line: Substring) -> String {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.first == "nft", words.count > 1 else { return "" }
    return "nft " + words.dropFirst().map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
  }

  private static func family(_ address: IPAddress) -> String { address.isIPv4 ? "ip" : "ip6" }
}

extension TunnelGateway {
  /// The servers that configurations name; the firewall lets the tunnel reach them. What OpenVPN's line lets out is the
  /// tunnel's, too, but nothing here could tell.
  fileprivate var servers: [TunnelEndpoint] {
    var policy = TunnelPolicy()
    for (_, config) in configs { config.apply(to: &policy) }
    return policy.endpoints.map(\.value)
  }
}
