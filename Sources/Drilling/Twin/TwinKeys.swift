import Glibc
import PolicyFiles

/// Keys for the twin's tunnel. The user's own never get to the island: who holds them can open the tunnel.
struct TwinKeys: Sendable {
  let client, server: (secret: String, open: String)
  /// Empty if the configuration has no preshared key.
  let shared: String

  init(shared isShared: Bool) throws(DrillProblem) {
    client = try Self.pair()
    server = try Self.pair()
    shared = isShared ? Self.line(try Command.demand("wg genpsk", ["wg", "genpsk"])) : ""
  }

  init(client: (secret: String, open: String), server: (secret: String, open: String), shared: String) {
    (self.client, self.server, self.shared) = (client, server, shared)
  }

  private static func pair() throws(DrillProblem) -> (String, String) {
    let secret = line(try Command.demand("wg genkey", ["wg", "genkey"]))
    let open = try Command.demand("wg pubkey", ["bash", "-c", "wg pubkey <<<\"$1\"", "pubkey", secret])
    return (secret, line(open))
  }

  private static func line(_ text: String) -> String { String(text.prefix { !$0.isNewline }) }

  /// A configuration with these keys in the place of its own. All else stays as it is, mistakes included.
  func replacingKeys(in text: String) -> String {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.map { line in
      guard let sign = line.firstIndex(of: "=") else { return String(line) }
      let key = line[..<sign].filter { !$0.isWhitespace }.lowercased()
      let new: String
      switch key {
      case "privatekey": new = client.secret
      case "publickey": new = server.open
      case "presharedkey": new = shared
      default: return String(line)
      }
      return "\(line[...sign]) \(new)"
    }.joined(separator: "\n")
  }
}
