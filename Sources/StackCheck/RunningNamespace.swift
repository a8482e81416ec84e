import ShellScript
import TextFiles
package import Wire

/// A network namespace as its programs print it: its present state, whoever made it.
package struct RunningNamespace: Sendable {
  /// The name that messages use.
  package var name: String
  package var links: [Link] = []
  /// What iptables-nft-save and the like print, by the program's name.
  package var saved: [(program: String, text: String)] = []
  /// What `nft list ruleset` prints, and the same as JSON.
  package var nft = ""
  package var nftJSON = ""
  /// What `tc qdisc show` prints, and what `tc filter show` does of each interface.
  package var disciplines = ""
  package var filters = ""
  /// What `ip rule` and `ip route show table all` print, and the same with `-6`.
  package var routing = (rules: "", routes: "")
  package var routing6 = (rules: "", routes: "")
  /// What `wg show all endpoints`, `fwmark` and `allowed-ips` print.
  package var wireGuard = (endpoints: "", marks: "", allowed: "")
  /// The interfaces on which IPv6 is off. Each has its own setting, whatever was set for all: Docker turns IPv6 on for
  /// a network that has it.
  package var withoutIPv6: Set<String> = []
  /// What could not be read, each with the reason.
  package var unread: [String] = []

  package struct Link: Hashable, Sendable {
    package var name: String
    /// What `ip -d link` calls it, such as `veth`, `wireguard` and `loopback`; empty for one without a kind.
    package var kind: String
    package var addresses: [IPAddress]
    /// Whether it carries packets.
    package var isUp: Bool
    /// Whether a program in the kernel takes packets from it before netfilter sees them.
    package var hasProgram: Bool

    package init(name: String, kind: String, addresses: [IPAddress], isUp: Bool = true, hasProgram: Bool = false) {
      self.name = name
      self.kind = kind
      self.addresses = addresses
      self.isUp = isUp
      self.hasProgram = hasProgram
    }

    var isTunnel: Bool { kind == "wireguard" || kind == "amneziawg" || kind == "tun" }
  }

  package init(name: String) { self.name = name }

  /// The interfaces by which packets leave without a tunnel. Interfaces that are down carry none, such as `tunl0`,
  /// which some modules make in every namespace.
  package var networks: [String] {
    let others = links.filter { !$0.isTunnel && $0.kind != "loopback" }
    let up = others.filter(\.isUp)
    return (up.isEmpty ? others : up).map(\.name)
  }
}

extension RunningNamespace {
  /// The name that messages use for a program's output, whose lines they count.
  func place(_ program: String) -> String { "\(program) of \(name)" }

  /// Rebuilds the namespace from what the programs printed.
  func load(into host: inout ScriptHost) {
    let (script, files) = script()
    host.file = name
    host.links = Set(links.map(\.name))
    host.files = { path in
      files[path].map { (place(path == "/nft" ? "nft list ruleset" : String(path.dropFirst())), $0, false) }
    }
    if !networks.isEmpty, withoutIPv6.isSuperset(of: networks) { host.namespace.ipv6Disabled = SourcePlace(name) }
    var shell = ShellInterpreter(host, variables: [:])
    shell.run(script)
    host = shell.host
    // The kernel has accepted these rules. If they seem to be refused, they are not understood.
    for (place, text, reason) in host.refusedCommands {
      host.file = place.file
      host.leaveOut(line: place.line ?? 1, text: text, because: reason)
    }
    host.forgetRefusals()
  }

  /// A script that makes the namespace: each text is loaded by the counterpart of the program that printed it.
  func script() -> (text: String, files: [String: String]) {
    var lines: [String] = []
    var files: [String: String] = [:]
    for (program, text) in saved where !text.isEmpty {
      let path = "/\(program)"
      files[path] = text
      lines.append("\(program.replacing("-save", with: "-restore")) \(path)")
    }
    let native = native().text
    if native.contains(where: { !$0.isWhitespace }) {
      files["/nft"] = native
      lines.append("nft -f /nft")
    }
    for (ip, routing) in [("ip", routing), ("ip -6", routing6)] {
      lines += routing.rules.split(separator: "\n").compactMap { Self.rule($0) }.map {
        "\(ip) rule add \(Self.quoted($0[...]))"
      }
      lines += routing.routes.split(separator: "\n").filter(isTelling).map { "\(ip) route add \(Self.quoted($0))" }
    }
    return (lines.joined(separator: "\n"), files)
  }

  /// Quotes each word, so that no sign of the shell splits it: interface names may have any.
  private static func quoted(_ line: Substring) -> String {
    line.split(whereSeparator: \.isWhitespace).map { "'" + $0.replacing("'", with: "'\\''") + "'" }
      .joined(separator: " ")
  }

  /// The tables that iptables-nft has printed, as nft writes their headers.
  private var sharedTables: Set<String> {
    Set(
      saved.filter { $0.program.contains("-nft-") }.flatMap { program, text in
        let family = program.hasPrefix("ip6") ? "ip6" : "ip"
        return text.split(separator: "\n").filter { $0.hasPrefix("*") }.map { "table \(family) \($0.dropFirst())" }
      })
  }

  /// The rule set without the tables that iptables-nft keeps in it, each line where it was. `dropped` is what those
  /// tables hold besides chains: iptables-nft does not print it.
  func native() -> (text: String, dropped: [String]) {
    let tables = sharedTables
    var isSkipping = false
    var dropped: [String] = []
    let kept = nft.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
      if line.hasPrefix("table ") {
        isSkipping = tables.contains(String(line.prefix { $0 != "{" }).trimmingBlanks)
      }
      let isSkipped = isSkipping
      if isSkipped, line.hasPrefix("\t"), !["\t\t", "\tchain ", "\t}"].contains(where: line.hasPrefix) {
        dropped.append(String(line).trimmingBlanks)
      }
      if line == "}" { isSkipping = false }
      return isSkipped ? "" : line
    }.joined(separator: "\n")
    return (kept, dropped)
  }

  /// `32765:\tnot from all fwmark 0xca6c lookup 51820`, without those that every namespace has.
  private static func rule(_ line: Substring) -> String? {
    let parts = line.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let priority = Int(parts[0]) else { return String(line) }
    let rest = String(parts[1]).trimmingBlanks
    let usual = [0: "from all lookup local", 32766: "from all lookup main", 32767: "from all lookup default"]
    return usual[priority] == rest ? nil : "\(rest) priority \(priority)"
  }

  /// Routes that refuse, and routes past the tunnel. The routes to the outside and to the container's network do not
  /// count: every container has them in its main table.
  private func isTelling(_ line: Substring) -> Bool {
    let words = line.split(separator: " ")
    guard let first = words.first, !["local", "broadcast", "multicast", "anycast"].contains(first) else { return false }
    if ["blackhole", "unreachable", "prohibit"].contains(first) { return true }
    guard let device = words.firstIndex(of: "dev"), device + 1 < words.endIndex else { return true }
    if links.contains(where: { $0.isTunnel && $0.name == words[device + 1] }) { return false }
    guard !words.contains("table") else { return true }
    guard line.contains(" proto kernel"), let prefix = IPPrefix(String(first)) else { return first != "default" }
    return !LeakSpace.privatePrefixes(prefix.family).contains { $0.contains(prefix.address) }
  }
}

extension String {
  var trimmingBlanks: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
