extension StackFault {
  /// The address of the first work that the reference names.
  var referenceAddress: String? { ReferenceAddress.first(in: reference) }
}

/// Finds the works that references name in short: a manual's page, an RFC, a CVE, an issue, a project's page.
enum ReferenceAddress {
  /// The address of the work that is named first; nil if none is of a known kind.
  static func first(in text: String) -> String? {
    var found: [(at: String.Index, address: String)] = []
    if let match = text.firstMatch(of: /([A-Za-z][A-Za-z0-9_-]*)\(([1-8])\)/) {
      let (name, section) = (match.1, match.2)
      found.append(
        (match.range.lowerBound, "https://man7.org/linux/man-pages/man\(section)/\(name).\(section).html"))
    }
    if let match = text.firstMatch(of: /RFC (\d+)/) {
      found.append((match.range.lowerBound, "https://www.rfc-editor.org/rfc/rfc\(match.1)"))
    }
    if let match = text.firstMatch(of: /CVE-\d{4}-\d+/) {
      found.append((match.range.lowerBound, "https://nvd.nist.gov/vuln/detail/\(match.0)"))
    }
    if let match = text.firstMatch(of: /([A-Za-z0-9-]+\/[A-Za-z0-9._-]+)#(\d+)/) {
      found.append((match.range.lowerBound, "https://github.com/\(match.1)/issues/\(match.2)"))
    }
    for (name, address) in pages {
      if let range = text.firstRange(of: name) { found.append((range.lowerBound, address)) }
    }
    return found.min { $0.at < $1.at }?.address
  }

  private static let pages = [
    ("compose-spec", "https://github.com/compose-spec/compose-spec/blob/main/spec.md"),
    ("gluetun-wiki, setup/options/dns.md", "https://github.com/qdm12/gluetun-wiki/blob/main/setup/options/dns.md"),
    ("Docker security", "https://docs.docker.com/engine/security/"),
    ("Packet filtering and firewalls", "https://docs.docker.com/engine/network/packet-filtering-firewalls/"),
    ("Start containers automatically", "https://docs.docker.com/engine/containers/start-containers-automatically/"),
    ("wireguard-tools", "https://git.zx2c4.com/wireguard-tools/"),
    ("linuxserver/docker-wireguard", "https://github.com/linuxserver/docker-wireguard"),
    ("qdm12/gluetun", "https://github.com/qdm12/gluetun"),
  ]
}
