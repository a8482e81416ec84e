import Wire

/// What gluetun's server files say about one provider (gluetun v3, internal/models/server.go and internal/storage):
///
///     servers.json                                     servers/manifest.json
///     {"version": 1,                                   {"version": 1,
///      "mullvad": {"version": 4, "timestamp": 1767222000,   "mullvad": {"filepath": "/gluetun/servers/mullvad.json"}}
///        "servers": [{"vpn": "wireguard", "country": "Sweden", "city": "Malmö", "hostname": "se-mma-wg-001",
///          "wgpubkey": "…", "ips": ["192.0.2.1", "2001:db8::1"]}]}}
///
/// Newer versions have a manifest and a file for each provider, older ones one file. Only what is asked for is kept
/// of a server.
struct GluetunServers {
  struct Server {
    var vpn = ""
    var publicKey: String?
    var addresses: [IPAddress] = []
    /// Texts and numbers of the fields that are asked for, in lower case.
    var texts: [String: [String]] = [:]
    /// Fields that are true.
    var flags: Set<String> = []
  }

  enum Fault: Error {
    case json(JSONWalker.Fault)
    case version(String)
    case tooMany
  }

  /// The format of the file, which gluetun calls its schema.
  static let formatVersion = "1"
  /// The largest provider has about 9,000 servers.
  static let mostAddresses = 1 << 16
  /// The largest file that is read, in bytes: three times the largest that gluetun shipped (v3.41: 9.3 MB).
  static let sizeLimit = 32 << 20

  private(set) var servers: [Server] = []
  /// In seconds since 1970.
  private(set) var timestamp: Int64?
  /// The path of the servers in the container, if they are not here.
  private(set) var path: String?
  private(set) var isFound = false
  private var fields: Set<String>
  /// The required value of a server's `vpn`.
  private var vpn: String
  private var addresses = 0
  private var isOverfull = false

  /// Reads the entry of the selection's provider from `servers.json` or `manifest.json`.
  init(inAll bytes: [UInt8], _ selection: GluetunSelection) throws(Fault) {
    fields = selection.fields
    vpn = selection.client.rawValue
    let provider = selection.provider
    var walker = JSONWalker(bytes)
    var version = ""
    do throws(JSONWalker.Fault) {
      var entry = self
      try walker.object { walker, name throws(JSONWalker.Fault) in
        if name == "version" {
          version = try walker.word()
        } else if name == provider {
          entry = try entry.readEntry(&walker)
        } else {
          try walker.skip()
        }
      }
      try walker.end()
      self = entry
    } catch {
      throw .json(error)
    }
    guard version == Self.formatVersion else { throw .version(version) }
    if isOverfull { throw .tooMany }
  }

  /// Reads a provider's own file.
  init(of bytes: [UInt8], _ selection: GluetunSelection) throws(Fault) {
    fields = selection.fields
    vpn = selection.client.rawValue
    var walker = JSONWalker(bytes)
    do throws(JSONWalker.Fault) {
      self = try readEntry(&walker)
      try walker.end()
    } catch {
      throw .json(error)
    }
    if isOverfull { throw .tooMany }
  }

  /// A copy, with what the entry says in place of what an earlier one said.
  private func readEntry(_ walker: inout JSONWalker) throws(JSONWalker.Fault) -> Self {
    var entry = self
    (entry.servers, entry.addresses, entry.isFound) = ([], 0, true)
    try walker.object { walker, name throws(JSONWalker.Fault) in
      switch name {
      case "timestamp": entry.timestamp = Int64(try walker.word())
      case "filepath": entry.path = try walker.text()
      case "servers" where walker.startsWith("["):
        try walker.array { walker throws(JSONWalker.Fault) in
          let server = try entry.readServer(&walker)
          guard server.vpn == entry.vpn else { return }
          entry.addresses += server.addresses.count
          if entry.addresses <= Self.mostAddresses { entry.servers.append(server) } else { entry.isOverfull = true }
        }
      default: try walker.skip()
      }
    }
    return entry
  }

  private func readServer(_ walker: inout JSONWalker) throws(JSONWalker.Fault) -> Server {
    var server = Server()
    try walker.object { walker, name throws(JSONWalker.Fault) in
      switch name {
      case "vpn": server.vpn = try walker.text()
      case "wgpubkey": server.publicKey = try walker.text()
      case "ips" where walker.startsWith("["):
        try walker.array { walker throws(JSONWalker.Fault) in
          let text = try walker.text()
          if let address = IPAddress(text), !address.isUnspecified, server.addresses.count < Self.mostAddresses {
            server.addresses.append(address)
          }
        }
      case _ where fields.contains(name): try readField(name, &walker, of: &server)
      default: try walker.skip()
      }
    }
    return server
  }

  private func readField(
    _ name: String, _ walker: inout JSONWalker, of server: inout Server
  ) throws(JSONWalker.Fault) {
    if walker.startsWith("\"") {
      server.texts[name] = [try walker.text().lowercased()]
    } else if walker.startsWith("[") {
      var texts: [String] = []
      try walker.array { walker throws(JSONWalker.Fault) in
        let text = try walker.text().lowercased()
        if texts.count < 64 { texts.append(text) }
      }
      server.texts[name] = texts
    } else if walker.startsWith("{") {
      try walker.skip()
    } else {
      let word = try walker.word()
      if word == "true" { server.flags.insert(name) } else { server.texts[name] = [word] }
    }
  }
}
