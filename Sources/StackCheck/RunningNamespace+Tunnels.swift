import PolicyFiles
import TextFiles
import Wire

extension RunningNamespace {
  /// The tunnels that are up. `known` supplies what an interface does not tell, such as resolvers. If `known` does not
  /// tell the Endpoint either, `isKnown` is false.
  func tunnels(_ known: [WireGuardConfig]) throws(PolicyFileProblem) -> [(config: WireGuardConfig, isKnown: Bool)] {
    var found: [(config: WireGuardConfig, isKnown: Bool)] = []
    for link in links where link.isTunnel {
      // A tunnel with another name belongs to the only configuration, if that has no interface of its own.
      let isOther = known.first.map { config in links.contains { $0.name == config.interfaceName } } ?? true
      let stated = known.first { $0.interfaceName == link.name } ?? (known.count == 1 && !isOther ? known[0] : nil)
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

  /// The mark that is exempt from the way into the tunnel, read from the rule that wg-quick makes. A WireGuard process
  /// in the container does not tell its mark to anyone outside.
  private var ruledMark: String? {
    for line in (routing.rules + "\n" + routing6.rules).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard line.contains("not from all fwmark"), let index = words.firstIndex(of: "fwmark"), index + 1 < words.endIndex
      else { continue }
      return String(words[index + 1])
    }
    return nil
  }

  /// The lines of an interface in the output of wg, without its name.
  private func values(of link: String, in text: String) -> [[String]] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "\t").map(String.init)
      return fields.count >= 2 && fields[0] == link ? Array(fields.dropFirst()) : nil
    }
  }
}
