/// Reads the info-hashes that BitTorrent's protocols send in clear, and writes them in hexadecimal.
public enum BitTorrent {
  /// SHA-1 of the torrent's info dictionary (BEP 3); in version 2, the first 20 bytes of its SHA-256 (BEP 52).
  static var hashLength: Int { 20 }
  /// No client asks for more at once; the limit bounds the cost of a hostile message.
  static var maximumCount: Int { 16 }

  static func hexadecimal(_ bytes: RawSpan) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = ""
    for offset in 0..<bytes.byteCount {
      let byte = bytes.uint8(at: offset)
      text.unicodeScalars.append(digits[Int(byte >> 4)])
      text.unicodeScalars.append(digits[Int(byte & 0xF)])
    }
    return text
  }

  /// The handshake between peers, at the beginning of a TCP connection (BEP 3).
  ///
  ///      0    1                      20         28          48
  ///     +----+----------------------+----------+-----------+---------
  ///     | 19 | BitTorrent protocol  | reserved | info-hash | peer id
  ///     +----+----------------------+----------+-----------+---------
  public static func read(handshake bytes: RawSpan) -> StreamReading<String> {
    let greeting = "\u{13}BitTorrent protocol".utf8
    for (offset, byte) in greeting.enumerated() where offset < bytes.byteCount {
      guard bytes.uint8(at: offset) == byte else { return .other }
    }
    let start = greeting.count + 8
    guard bytes.byteCount >= start + hashLength else { return .needsMore }
    return .whole(hexadecimal(bytes.extracting(start..<start + hashLength)))
  }

  /// The info-hash of a DHT query for peers (BEP 5): `get_peers`, `announce_peer`. Nil for any other datagram.
  public static func infoHash(distributedHashTable datagram: RawSpan) -> String? {
    guard let method = Bencoding.value("q", in: datagram).flatMap({ Bencoding.string(datagram, at: $0) }),
      isQueryForPeers(datagram.extracting(method)),
      let arguments = Bencoding.value("a", in: datagram),
      let position = Bencoding.value("info_hash", in: datagram, at: arguments),
      let hash = Bencoding.string(datagram, at: position), hash.count == hashLength
    else { return nil }
    return hexadecimal(datagram.extracting(hash))
  }

  private static func isQueryForPeers(_ method: RawSpan) -> Bool {
    let text = EscapedText.text(method.extracting(first: 16))
    return text == "get_peers" || text == "announce_peer"
  }

  /// The info-hashes that a local service discovery datagram announces (BEP 14).
  public static func infoHashes(localDiscovery datagram: RawSpan) -> [String] {
    let bytes = datagram.extracting(first: 2048)
    let lines = HeaderLines(bytes)
    guard let first = lines.list.first, HeaderLines.begins(bytes.extracting(first), with: "BT-SEARCH * HTTP/1.1") else {
      return []
    }
    var hashes: [String] = []
    for line in lines.list {
      guard let hash = HeaderLines.value(of: "infohash", bytes.extracting(line))?.lowercased(),
        hash.utf8.count == 2 * hashLength, hash.allSatisfy(\.isHexDigit), hashes.count < maximumCount
      else { continue }
      hashes.append(hash)
    }
    return hashes
  }

  /// The info-hashes in the target of an HTTP request to a tracker, where they are percent-encoded (BEP 3, BEP 48).
  public static func infoHashes(trackerTarget target: String) -> [String] {
    guard let query = target.firstIndex(of: "?") else { return [] }
    let hashes = target[target.index(after: query)...].split(separator: "&").lazy.compactMap { field -> String? in
      guard field.hasPrefix("info_hash="), let bytes = percentDecoded(field.dropFirst(10)), bytes.count == hashLength
      else { return nil }
      return hexadecimal(bytes.view)
    }
    return Array(hashes.prefix(maximumCount))
  }

  /// RFC 3986 section 2.1. Nil if a percent sign is not followed by two hexadecimal digits.
  private static func percentDecoded(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
  }
}
