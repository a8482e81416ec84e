import PolicyFiles
import ShellScript
package import Wire

/// A network namespace as its programs print it: what is there now, whoever made it.
package struct RunningNamespace: Sendable {
  /// What messages call it.
  package var name: String
  package var links: [Link] = []
  /// What iptables-nft-save and the like print, by the program's name.
  package var saved: [(program: String, text: String)] = []
  /// What `nft list ruleset` prints.
  package var nft = ""
  /// What `ip rule` and `ip route show table all` print, and the same with `-6`.
  package var routing = (rules: "", routes: "")
  package var routing6 = (rules: "", routes: "")
  /// What `wg show all endpoints`, `fwmark` and `allowed-ips` print.
  package var wireGuard = (endpoints: "", marks: "", allowed: "")
  package var isIPv6Disabled = false
  /// What could not be asked for, each with the reason.
  package var unread: [String] = []

  package struct Link: Hashable, Sendable {
    package var name: String
    /// What `ip -d link` calls it, such as `veth` and `wireguard`; empty for one without a kind.
    package var kind: String
    package var addresses: [IPAddress]

    package init(name: String, kind: String, addresses: [IPAddress]) {
      self.name = name
      self.kind = kind
      self.addresses = addresses
    }

    var isTunnel: Bool { kind == "wireguard" || kind == "amneziawg" || kind == "tun" }
  }

  package init(name: String) { self.name = name }
}

extension RunningNamespace {
  /// What messages call a program's output, whose lines they count.
  func place(_ program: String) -> String { "\(program) of \(name)" }

  /// Makes a namespace of what the programs printed.
  func load(into host: inout ScriptHost) {
    let (script, files) = script()
    host.file = name
    host.links = Set(links.map(\.name))
    host.files = { path in
      files[path].map { (place(path == "/nft" ? "nft list ruleset" : String(path.dropFirst())), $0, false) }
    }
    if isIPv6Disabled { host.namespace.ipv6Disabled = SourcePlace(name) }
    var shell = ShellInterpreter(host, variables: [:])
    shell.run(script)
    host = shell.host
  }

  /// A script that makes it: each text is loaded by the program that reads what the other one printed.
  func script() -> (text: String, files: [String: String]) {
    var lines: [String] = []
    var files: [String: String] = [:]
    var tables: Set<String> = []
    for (program, text) in saved where !text.isEmpty {
      let path = "/\(program)"
      files[path] = text
      lines.append("\(program.replacing("-save", with: "-restore")) \(path)")
      if program.contains("-nft-") {
        let family = program.hasPrefix("ip6") ? "ip6" : "ip"
        tables.formUnion(
          text.split(separator: "\n").filter { $0.hasPrefix("*") }.map { "table \(family) \($0.dropFirst())" })
      }
    }
    let native = Self.native(nft, without: tables)
    if native.contains(where: { !$0.isWhitespace }) {
      files["/nft"] = native
      lines.append("nft -f /nft")
    }
    for (ip, routing) in [("ip", routing), ("ip -6", routing6)] {
      lines += routing.rules.split(separator: "\n").compactMap { Self.rule($0) }.map { "\(ip) rule add \($0)" }
      lines += routing.routes.split(separator: "\n").filter(isTelling).map { "\(ip) route add \($0)" }
    }
    return (lines.joined(separator: "\n"), files)
  }

  /// The rule set without the tables that iptables-nft keeps in it, each line where it was.
  private static func native(_ text: String, without tables: Set<String>) -> String {
    var isSkipping = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
      if line.hasPrefix("table ") {
        isSkipping = tables.contains(String(line.prefix { $0 != "{" }).trimmingBlanks)
      }
      let isSkipped = isSkipping
      if line == "}" { isSkipping = false }
      return isSkipped ? "" : line
    }.joined(separator: "\n")
  }

  /// `32765:\tnot from all fwmark 0xca6c lookup 51820`, without those that every namespace has.
  private static func rule(_ line: Substring) -> String? {
    let parts = line.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let priority = Int(parts[0]) else { return String(line) }
    let rest = String(parts[1]).trimmingBlanks
    let usual = [0: "from all lookup local", 32766: "from all lookup main", 32767: "from all lookup default"]
    return usual[priority] == rest ? nil : "\(rest) priority \(priority)"
  }

  /// Routes that refuse, and those past the tunnel that somebody made: the kernel's own, and the way to the outside, every
  /// container has.
  private func isTelling(_ line: Substring) -> Bool {
    let words = line.split(separator: " ")
    if ["blackhole", "unreachable", "prohibit"].contains(words.first) { return true }
    guard let device = words.firstIndex(of: "dev"), device + 1 < words.endIndex else { return true }
    if links.contains(where: { $0.isTunnel && $0.name == words[device + 1] }) { return false }
    let isKernels =
      ["local", "broadcast", "multicast", "anycast"].contains(words.first) || line.contains(" proto kernel")
    return words.first != "default" && !isKernels
  }

  /// What could not be asked for, and what iptables says that it leaves out: a chain of nft's in a table that it calls its own may mark
  /// packets, or route them elsewhere.
  var allUnread: [String] {
    unread
      + saved.flatMap { program, text in
        text.split(separator: "\n").filter { $0.hasPrefix("#") && $0.contains("incompatible") }.map {
          "\(program): \($0)"
        }
      }
  }

  // MARK: - Tunnels

  /// The tunnels that are up. What an interface does not tell, such as resolvers, is that of `known`; where that does not tell its
  /// Endpoint either, `isKnown` is false.
  func tunnels(_ known: [WireGuardConfig]) throws(PolicyFileProblem) -> [(config: WireGuardConfig, isKnown: Bool)] {
    var found: [(config: WireGuardConfig, isKnown: Bool)] = []
    for link in links where link.isTunnel {
      let stated = known.first { $0.interfaceName == link.name } ?? (known.count == 1 ? known[0] : nil)
      var lines = ["[Interface]"]
      lines += link.addresses.map { "Address = \($0)" }
      lines += (stated?.resolvers ?? []).map { "DNS = \($0.value)" }
      if let mark = values(of: link.name, in: wireGuard.marks).first?[0] ?? ruledMark {
        lines.append("FwMark = \(mark)")
      }
      let peers = values(of: link.name, in: wireGuard.endpoints)
      let allowed = values(of: link.name, in: wireGuard.allowed)
      for peer in peers {
        lines += ["[Peer]", "PublicKey = \(peer[0])"]
        if peer.count > 1, peer[1] != "(none)" { lines.append("Endpoint = \(peer[1])") }
        let prefixes = allowed.first { $0[0] == peer[0] }.flatMap { $0.count > 1 ? $0[1] : nil } ?? "(none)"
        if prefixes != "(none)" { lines.append("AllowedIPs = \(prefixes.replacing(" ", with: ", "))") }
      }
      if peers.isEmpty {
        for case .address(let endpoint)? in (stated?.peers ?? []).map({ $0.endpoint?.value }) {
          lines += ["[Peer]", "Endpoint = \(endpoint)", "AllowedIPs = 0.0.0.0/0, ::/0"]
        }
      }
      let config = try WireGuardConfig(lines.joined(separator: "\n"), fileName: "\(link.name).conf")
      found.append((config, !config.peers.isEmpty))
    }
    return found
  }

  /// The mark that is exempt from the way into the tunnel, as wg-quick makes that rule: WireGuard in a process of the container tells
  /// its own to nobody outside.
  private var ruledMark: String? {
    for line in (routing.rules + "\n" + routing6.rules).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard line.contains("not from all fwmark"), let index = words.firstIndex(of: "fwmark"), index + 1 < words.endIndex
      else { continue }
      return String(words[index + 1])
    }
    return nil
  }

  /// The lines of an interface in what wg prints, without its name.
  private func values(of link: String, in text: String) -> [[String]] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "\t").map(String.init)
      return fields.count >= 2 && fields[0] == link ? Array(fields.dropFirst()) : nil
    }
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
