/// What a probe sends first. Every message holds the attempt's name as text, or as a DNS name.
enum ProbeMessage: Sendable {
  /// The name, and a line feed.
  case line
  /// The same, with zeros behind it up to this length.
  case long(Int)
  case dns(type: UInt16)
  /// A ClientHello with the name as its server name. There is no more to the handshake.
  case tls
  /// Shaped as an Initial packet; its payload is not encrypted.
  case quic
  case http
  case bitTorrent
  case distributedHashTable
  case ntp
  case stun
  case deviceSearch
  case localPeers

  func bytes(_ name: ProbeName, isStream: Bool) -> [UInt8] {
    let text = "\(name)"
    return switch self {
    case .line: Array("\(text)\n".utf8)
    case .long(let length): Array("\(text)\n".utf8) + zeros(max(0, length - text.utf8.count - 1))
    case .dns(let type):
      isStream ? networkOrder(UInt16(dnsQuery(name, type).count)) + dnsQuery(name, type) : dnsQuery(name, type)
    case .tls: tlsHello(name)
    case .quic: quicInitial(name)
    case .http:
      Array("GET / HTTP/1.1\r\nHost: \(text)\r\nUser-Agent: leakaudit-drill\r\nConnection: close\r\n\r\n".utf8)
    case .bitTorrent: bitTorrentHandshake(name)
    // BEP 5; the transaction id is the name.
    case .distributedHashTable:
      Array("d1:ad2:id20:leakaudit-drill-nodee1:q4:ping1:t\(text.utf8.count):\(text)1:y1:qe".utf8)
    case .ntp: ntpRequest(name)
    case .stun: stunRequest(name)
    case .deviceSearch:
      Array(
        ("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n"
          + "USER-AGENT: \(text)\r\n\r\n").utf8)
    // BEP 14.
    case .localPeers:
      Array(
        ("BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n"
          + "Infohash: \(name.hexadecimal)\(name.hexadecimal)00000000\r\ncookie: \(text)\r\n\r\n\r\n").utf8)
    }
  }
}

func networkOrder(_ value: some FixedWidthInteger) -> [UInt8] {
  (0..<value.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// The parts one after another.
func concatenated(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

/// Bytes after their count, which has 16 bits.
private func counted(_ bytes: [UInt8]) -> [UInt8] { networkOrder(UInt16(bytes.count)) + bytes }

private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

/// Padded to a multiple of four bytes.
private func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + zeros((4 - bytes.count % 4) % 4) }

extension ProbeMessage {
  /// The identifier of a lookup: the end of its nonce.
  static func identifier(_ name: ProbeName) -> UInt16 { UInt16(truncatingIfNeeded: name.nonce) }

  /// RFC 1035 section 4.1.
  private func dnsQuery(_ name: ProbeName, _ type: UInt16) -> [UInt8] {
    let labels: [[UInt8]] = "\(name)".split(separator: ".").map { [UInt8($0.utf8.count)] + Array($0.utf8) }
    return concatenated(
      networkOrder(Self.identifier(name)), [1, 0, 0, 1, 0, 0, 0, 0, 0, 0], Array(labels.joined()), [0],
      networkOrder(type),
      [0, 1])
  }

  /// RFC 8446 section 4.1.2: one cipher suite, the server name, and TLS 1.3 as the only version.
  private func tlsHello(_ name: ProbeName) -> [UInt8] {
    let random = networkOrder(name.nonce)
    let serverName = concatenated([0, 0], counted(counted([0] + counted(Array("\(name)".utf8)))))
    let versions: [UInt8] = [0, 43, 0, 3, 2, 3, 4]
    let body = concatenated(
      [3, 3], random, random, random, random, [0, 0, 2, 0x13, 1, 1, 0], counted(serverName + versions))
    return concatenated([0x16, 3, 1], counted([1, 0] + counted(body)))
  }

  /// RFC 9000 section 17.2.2, padded to 1200 bytes as section 14.1 demands.
  private func quicInitial(_ name: ProbeName) -> [UInt8] {
    let header = concatenated([0xC3, 0, 0, 0, 1, 8], networkOrder(name.nonce), [0, 0])
    let room = 1200 - header.count - 2
    let payload = Array("\(name)".utf8)
    return concatenated(header, networkOrder(UInt16(0x4000 | room)), payload, zeros(room - payload.count))
  }

  /// BEP 3, and after it a message of an extension (BEP 10) with the name.
  private func bitTorrentHandshake(_ name: ProbeName) -> [UInt8] {
    let text = Array("\(name)".utf8)
    let hash = concatenated(networkOrder(name.nonce), networkOrder(name.nonce), zeros(4))
    let peer = Array("-LA0001-".utf8) + Array(name.hexadecimal.utf8.suffix(12))
    return concatenated(
      [19], Array("BitTorrent protocol".utf8), [0, 0, 0, 0, 0, 0x10, 0, 0], hash, peer,
      networkOrder(UInt32(text.count + 2)), [20, 1], text)
  }

  /// RFC 5905 section 7.3: a client's request, with the nonce as its time and the name in an extension field.
  private func ntpRequest(_ name: ProbeName) -> [UInt8] {
    let value = padded(Array("\(name)".utf8))
    return concatenated(
      [0x23], zeros(39), networkOrder(name.nonce), [0x4C, 0x41], networkOrder(UInt16(value.count + 4)), value)
  }

  /// RFC 8489 section 5: a binding request with the name as its software.
  private func stunRequest(_ name: ProbeName) -> [UInt8] {
    let text = Array("\(name)".utf8)
    let software = concatenated([0x80, 0x22], networkOrder(UInt16(text.count)), padded(text))
    return concatenated(
      [0, 1], networkOrder(UInt16(software.count)), [0x21, 0x12, 0xA4, 0x42], networkOrder(name.nonce), zeros(4),
      software)
  }
}
