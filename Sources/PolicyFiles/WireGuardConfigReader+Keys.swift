import TextFiles
import Wire

/// The keys of `[Interface]`: wg-quick's own, then wg(8)'s.
extension WireGuardConfigReader {
  mutating func readInterfaceKey(_ entry: Entry, value: String) {
    let line = entry.line
    switch entry.key {
    case "address": readAddresses(value, line: line)
    case "dns": readResolvers(value, line: line)
    case "mtu":
      // 68 is the smallest MTU of IPv4 (RFC 791 section 3.2).
      guard let mtu = decimal(value, Int.self), (68...65535).contains(mtu) else {
        return refuse("MTU", value, because: "it is not a number from 68 to 65535", line: line)
      }
      config.mtu = .init(mtu, line: line)
    case "table": config.table = .init(value, line: line)
    case "saveconfig":
      guard let flag = Bool(value.lowercased()) else {
        return refuse("SaveConfig", value, because: "it is neither true nor false", line: line)
      }
      config.savesConfig = .init(flag, line: line)
    case "preup": config.hooks.append(.init(.init(moment: .preUp, command: value), line: line))
    case "postup": config.hooks.append(.init(.init(moment: .postUp, command: value), line: line))
    case "predown": config.hooks.append(.init(.init(moment: .preDown, command: value), line: line))
    case "postdown": config.hooks.append(.init(.init(moment: .postDown, command: value), line: line))
    case "privatekey":
      config.hasPrivateKey = true
      // The value must not be shown.
      guard WireGuardKey(String(decoding: value.utf8.filter { !isSpace($0) }, as: UTF8.self)) == nil else { break }
      config.privateKeyRefusal = PolicyFileProblem(
        file: config.fileName, line: line,
        message: "PrivateKey is not 32 bytes in base64; \(Self.consequence); copy all 44 characters of it")
    case "listenport":
      guard let port = decimal(value, UInt16.self) else {
        return refuse("ListenPort", value, because: "it is not a number from 0 to 65535", line: line)
      }
      config.listenPort = port == 0 ? nil : .init(port, line: line)
    case "fwmark":
      guard let mark = Self.firewallMark(value) else {
        return refuse(
          "FwMark", value, because: "it is neither off nor a 32-bit number (hexadecimal with 0x)", line: line)
      }
      config.firewallMark = .init(mark, line: line)
    case let name where AmneziaText.names.contains(name):
      amneziaLine = amneziaLine ?? line
      if let reason = amnezia.set(name, value) { refuse(entry.name, value, because: reason, line: line) }
    // Version 3: the headers are encrypted, or the lengths are random.
    case "headerprotectionkey", "randomtrailers": config.hiddenShapeLine = config.hiddenShapeLine ?? line
    case "contentpaddingaddition": break
    case "reserved": config.reservedLine = config.reservedLine ?? line
    default: reportUnknownKey(entry, in: "[Interface]")
    }
  }

  /// The keys of `[Peer]`, all of them wg(8)'s. wg drops white space inside values, too.
  mutating func readPeerKey(_ entry: Entry, value: String) {
    let line = entry.line
    let last = config.peers.count - 1
    let value = String(decoding: value.utf8.filter { !isSpace($0) }, as: UTF8.self)
    switch entry.key {
    case "publickey":
      keyedPeers.insert(last)
      guard let key = WireGuardKey(value) else {
        return problems.report(
          "PublicKey is not 32 bytes in base64; \(Self.consequence); copy all 44 characters of it", line: line)
      }
      config.peers[last].publicKey = .init(key, line: line)
    case "presharedkey": config.peers[last].hasPresharedKey = true
    case "allowedips": readAllowedIPs(value, peer: last, line: line)
    case "endpoint":
      config.peers[last].statesEndpoint = true
      do {
        config.peers[last].endpoint = .init(try EndpointText(value, style: .wireGuard), line: line)
      } catch {
        refuse("Endpoint", value, because: error.reason, line: line)
      }
    case "persistentkeepalive":
      guard let seconds = value.lowercased() == "off" ? 0 : decimal(value, UInt16.self) else {
        return refuse("PersistentKeepalive", value, because: "it is not off or 0 to 65535 seconds", line: line)
      }
      config.peers[last].persistentKeepalive = .init(seconds, line: line)
    case "reserved": config.reservedLine = config.reservedLine ?? line
    default: reportUnknownKey(entry, in: "[Peer]")
    }
  }

  /// `address` or `address/length`, with commas or spaces between. If only the length is wrong, the address counts: one
  /// more known tunnel address can only show more leaks.
  private mutating func readAddresses(_ value: String, line: Int) {
    for item in words(value) {
      let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let address = IPAddress(parts[0]) else {
        refuse("Address", item, because: "it is not an IPv4 or IPv6 address", line: line)
        continue
      }
      var length = address.width
      if parts.count == 2 {
        if let given = decimal(parts[1], Int.self), given <= address.width {
          length = given
        } else {
          refuse("Address", item, because: "its length is not from 0 to \(address.width)", line: line)
        }
      }
      config.addresses.append(.init(.init(address: address, prefixLength: length), line: line))
    }
  }

  /// wg-quick reads a word of digits and dots, or with a colon, as a resolver. It reads any other word as a search
  /// domain.
  private mutating func readResolvers(_ value: String, line: Int) {
    for item in words(value) {
      let looksLikeAddress =
        item.utf8.contains(UInt8(ascii: ":"))
        || item.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
      if let address = IPAddress(item.prefix { $0 != "%" }) {
        config.resolvers.append(.init(address, line: line))
      } else if !looksLikeAddress, let domain = hostName(item) {
        config.searchDomains.append(.init(domain, line: line))
      } else {
        problems.report(
          "DNS = \(quoted(item)): it is neither an address nor a domain; names may then be asked elsewhere; correct it",
          line: line)
      }
    }
  }

  /// `address` or `address/length`, with commas between. An empty value is a list without entries.
  private mutating func readAllowedIPs(_ value: String, peer: Int, line: Int) {
    if value.isEmpty { return }
    for item in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let prefix = IPPrefix(String(item)) else {
        refuse("AllowedIPs", item, because: "it is not an address with a length", line: line)
        continue
      }
      config.peers[peer].allowedIPs.append(.init(prefix, line: line))
    }
  }

  private mutating func refuse(_ key: String, _ value: some StringProtocol, because reason: String, line: Int) {
    problems.report("\(key) = \(quoted(value)): \(reason); \(Self.consequence); correct it", line: line)
  }

  private func words(_ value: String) -> [Substring] {
    value.split { $0 == "," || $0.utf8.allSatisfy(isSpace) }
  }

  /// Reads a mark like strtoul(3) with base 0, which wg(8) uses: 0x is hexadecimal, a leading 0 is octal.
  private static func firewallMark(_ text: String) -> UInt32? {
    let text = text.lowercased()
    if text == "off" { return 0 }
    guard let first = text.utf8.first, (0x30...0x39).contains(first) else { return nil }
    if text.hasPrefix("0x") {
      let digits = text.dropFirst(2)
      return digits.first == "+" || digits.first == "-" ? nil : UInt32(digits, radix: 16)
    }
    return UInt32(text, radix: first == 0x30 ? 8 : 10)
  }
}
