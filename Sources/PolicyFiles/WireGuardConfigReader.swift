import TextFiles
import Wire

/// Walks a configuration line by line, as wg-quick does, and hands each key to its section.
///
/// wg-quick takes the keys of `[Interface]` that it knows and gives every other line to wg(8). Both ignore case, cut a
/// line at any `#`, and strip white space.
struct WireGuardConfigReader {
  var config: WireGuardConfig
  var problems: ProblemList
  /// The peers, by index, that have a `PublicKey` line, readable or not.
  var keyedPeers: Set<Int> = []
  /// AmneziaWG's parameters that were read so far, and the line of the first.
  var amnezia = AmneziaText()
  var amneziaLine: Int?
  private var section = Section.none

  /// The consequence of a line that wg-quick or wg(8) refuses. The article's case: the container stays up.
  static let consequence = "wg-quick fails here and brings no tunnel up, but containers may keep running without it"

  /// The article's very case.
  private static let addressConsequence = "wg-quick then stops and removes the interface, so no tunnel comes up"

  /// The message of every refusal contains one of these.
  static let consequences = [consequence, addressConsequence]

  private enum Section { case none, unknown, interface, peer }

  init(_ config: WireGuardConfig) {
    self.config = config
    problems = ProblemList(file: config.fileName)
  }

  mutating func read(_ text: String) {
    var bytes = text.utf8[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      bytes = bytes.dropFirst(3)
      problems.report(
        "the file begins with a byte order mark, which wg-quick takes as part of the first line; save it without",
        line: 1)
    }
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      readLine(line, number: number)
    }
  }

  mutating func finished() -> WireGuardConfig {
    for (index, peer) in config.peers.enumerated() where !keyedPeers.contains(index) {
      problems.report("this [Peer] has no PublicKey; \(Self.consequence); add it", line: peer.line)
    }
    if let amneziaLine {
      do {
        config.amnezia = .init(try amnezia.parameters(), line: amneziaLine)
      } catch {
        problems.report("AmneziaWG: \(error.message); \(Self.consequence); correct it", line: amneziaLine)
      }
    }
    var result = config
    result.problems = problems.all
    return result
  }

  private mutating func readLine(_ line: Substring.UTF8View, number: Int) {
    var line = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
    if line.utf8.contains(0) {
      problems.report("the line holds a NUL byte; \(Self.consequence); rewrite the line", line: number)
      line.unicodeScalars.removeAll { $0 == "\0" }
    }
    let statement = trimmed(line)
    if statement.isEmpty { return }
    if statement.hasPrefix("[") { return enterSection(statement, line: number) }
    if section == .unknown { return }

    let parts = statement.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let key = trimmed(parts[0])
    let entry = Entry(key: key.lowercased(), name: key, value: parts.count == 2 ? trimmed(parts[1]) : nil, line: number)
    guard let value = entry.value else { return reportMissingSign(entry) }
    if value.isEmpty, entry.key != "allowedips", entry.key != "table" {
      return problems.report(
        "\(quoted(key)) has no value; wg-quick ignores it or fails; give it one or remove the line", line: number
      )
    }
    switch section {
    case .interface: readInterfaceKey(entry, value: value)
    case .peer: readPeerKey(entry, value: value)
    case .none, .unknown:
      problems.report(
        "\(quotedKey(entry)) comes before any section; \(Self.consequence); put it below [Interface] or [Peer]",
        line: number)
    }
  }

  private mutating func enterSection(_ header: String, line: Int) {
    switch header.lowercased() {
    case "[interface]":
      section = .interface
      config.interfaceLine = config.interfaceLine ?? line
    case "[peer]": section = .peer
    default:
      // The section is read as it was meant, so that one missing bracket does not hide an Endpoint.
      let name = header.lowercased().filter(\.isLetter)
      section = name == "interface" ? .interface : name == "peer" ? .peer : .unknown
      problems.report(
        "\(quoted(header)) is not a section; \(Self.consequence); write [Interface] or [Peer]", line: line)
    }
    if section == .peer { config.peers.append(.init(line: line)) }
    if section != .unknown { config.hasSections = true }
  }

  private mutating func reportMissingSign(_ entry: Entry) {
    let isAddress = section == .interface && entry.key.hasPrefix("address")
    let meaning = isAddress ? Self.addressConsequence : Self.consequence
    let form = isAddress ? "Address = 10.64.0.2/32" : "Key = value"
    problems.report(
      "\(quotedKey(entry)) has no '='; \(meaning); write \(form) or remove the line", line: entry.line)
  }

  /// An unknown key, or one in the wrong section: wg(8) says "Line unrecognized" and refuses the file.
  mutating func reportUnknownKey(_ entry: Entry, in section: String) {
    let key = entry.key
    if let home = Self.home(of: key) {
      problems.report(
        "\(quotedKey(entry)) does not belong in \(section); \(Self.consequence); move it below \(home)",
        line: entry.line)
    } else if Self.isForeign(key) {
      problems.report(
        """
        \(quotedKey(entry)) is a key of another client: its packets do not look like WireGuard's and would be \
        reported as leaks; state the endpoint with 'shape: any' in a policy file
        """, line: entry.line)
    } else {
      problems.report(
        "\(quotedKey(entry)) is not a key that wg-quick or wg knows; \(Self.consequence); correct or remove it",
        line: entry.line)
    }
  }

  private static func home(of key: String) -> String? {
    switch key {
    case "privatekey", "listenport", "fwmark", "address", "dns", "mtu", "table", "saveconfig", "preup", "postup",
      "predown", "postdown":
      "[Interface]"
    case "publickey", "presharedkey", "allowedips", "endpoint", "persistentkeepalive": "[Peer]"
    default: nil
    }
  }

  /// AmneziaWG's parameters in the wrong place, and those of its versions that nobody follows any more.
  private static func isForeign(_ key: String) -> Bool {
    AmneziaText.names.contains(key) || ["j1", "j2", "j3", "itime"].contains(key)
  }

  /// The key of an entry, unless it may be a secret without its sign.
  func quotedKey(_ entry: Entry) -> String {
    for secret in ["privatekey", "presharedkey"] where entry.key.hasPrefix(secret) {
      return secret == "privatekey" ? "PrivateKey" : "PresharedKey"
    }
    return quoted(entry.name)
  }

  /// `name = value` on a line; `value` is nil if there is no sign.
  struct Entry {
    /// In lower case, to be compared.
    var key: String
    /// As written.
    var name: String
    var value: String?
    var line: Int
  }
}
