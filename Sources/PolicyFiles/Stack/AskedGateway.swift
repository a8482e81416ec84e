package import Policy
import Wire

/// What a running gateway says about its own tunnel, if the user has it asked.
package enum AskedGateway {
  /// WireGuard's Endpoints, from the output of `wg show all endpoints` and `wg show all allowed-ips`: those of peers
  /// that get all addresses of a family, or of an interface's only peer. Others are peers that called here.
  package static func endpoints(_ endpoints: String, allowed: String) -> [TunnelEndpoint] {
    let peers = lines(endpoints)
    let everything = Set(
      lines(allowed).filter { fields in
        let prefixes = fields[2].split(separator: " ")
        return prefixes.contains("0.0.0.0/0") || prefixes.contains("::/0")
          || prefixes.contains("0.0.0.0/1") && prefixes.contains("128.0.0.0/1")
      }.map { $0[0] + " " + $0[1] })
    return peers.compactMap { fields in
      let isOnly = peers.count { $0[0] == fields[0] } == 1
      guard everything.contains(fields[0] + " " + fields[1]) || isOnly && everything.isEmpty,
        case .address(let endpoint)? = try? EndpointText(fields[2]), let key = WireGuardKey(fields[1])
      else { return nil }
      return TunnelEndpoint(endpoint, publicKey: key.bytes)
    }
  }

  /// The last server that gluetun's log names: `INFO [wireguard] Connecting to 203.0.113.178:51820`
  /// (internal/wireguard/run.go).
  package static func endpoint(inLog text: String) -> TunnelEndpoint? {
    let sign = "Connecting to "
    for line in text.split(whereSeparator: \.isNewline).reversed() {
      guard line.contains("[wireguard]"), let range = line.firstRange(of: sign) else { continue }
      let word = line[range.upperBound...].prefix { "0123456789abcdefABCDEF.:[]".contains($0) }
      guard case .address(let endpoint)? = try? EndpointText(String(word)) else { continue }
      return TunnelEndpoint(endpoint)
    }
    return nil
  }

  /// Interface, key and value of each line; lines without a value are left out.
  private static func lines(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
      .filter { $0.count == 3 && $0[2] != "(none)" }
  }
}
