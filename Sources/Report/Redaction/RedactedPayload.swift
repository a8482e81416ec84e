import Wire

/// What stays of a payload: the first bytes of protocols that are recognised by them, as far as they say nothing but which protocol
/// it is. Of everything else nothing stays.
struct RedactedPayload {
  private(set) var bytes: [UInt8]

  /// `payload` is what was captured of it. `hasQuestion`: a DNS question in it can be read.
  init(_ payload: ArraySlice<UInt8>, _ packet: DecodedPacket, hasQuestion: Bool, _ redactor: Redactor) {
    let length = Int(packet.payloadLength)
    let payload = Array(payload)
    if packet.protocolNumber == .udp, let message = Self.wireGuard(payload, length: length, redactor) {
      bytes = message
    } else {
      let isDNS = hasQuestion && packet.protocolNumber == .udp && payload.count >= 12
      // A DNS header (RFC 1035 section 4.1.1) whose identifier somebody has chosen.
      bytes =
        isDNS ? [0, 0] + payload[2..<12] : Array(payload.prefix(Self.harmless(payload, length: length, packet)))
      // That it is no WireGuard, the first word tells.
      if packet.protocolNumber == .udp, bytes.isEmpty { bytes = Array(repeating: 0, count: min(4, payload.count)) }
    }
  }

  /// Which message it is, and whose: indices decide which session it is of, so each stays one of its own. Its counter and all that
  /// is encrypted go.
  private static func wireGuard(_ payload: [UInt8], length: Int, _ redactor: Redactor) -> [UInt8]? {
    guard payload.count >= 4 else { return nil }
    let word = word(payload, at: 0)
    guard let message = WireGuardMessage(firstWord: word, payloadLength: length, anyReserved: true) else { return nil }
    // Reserved bytes that somebody uses name a client (WARP).
    let isPlain = payload[1...3].allSatisfy { $0 == 0 }
    var bytes = [payload[0]] + (isPlain ? [0, 0, 0] : [1, 1, 1])
    let fields = message == .response ? [4, 8] : [4]
    for offset in [4, 8] where payload.count >= offset + 4 {
      let index = Array(payload[offset..<offset + 4])
      bytes += fields.contains(offset) ? redactor.index(index) : [0, 0, 0, 0]
    }
    return bytes
  }

  /// How many of the first bytes say only which protocol it is.
  private static func harmless(_ payload: [UInt8], length: Int, _ packet: DecodedPacket) -> Int {
    switch packet.protocolNumber {
    case .tcp:
      // A TLS record (RFC 8446 section 5.1), with the handshake's type.
      if payload.count >= 6, (0x14...0x17).contains(payload[0]), payload[1] == 3, payload[2] <= 4 {
        return payload[0] == 0x16 ? 6 : 5
      }
      return httpMethod(payload)
    case .udp:
      // STUN's type, length and magic cookie (RFC 8489 section 5).
      if payload.count >= 8, payload[4..<8] == [0x21, 0x12, 0xA4, 0x42], payload[0] < 4 { return 8 }
      // A QUIC long header's first byte and version (RFC 8999 section 5.1).
      if payload.count >= 5, payload[0] & 0xC0 == 0xC0, [1, 0x6B33_43CF].contains(word(payload, at: 1)) { return 5 }
      // NTP's leap indicator, version and mode (RFC 5905 section 7.3).
      if packet.destinationPort == 123, length == 48 { return 1 }
      return 0
    default: return 0
    }
  }

  private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static let methods = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "PATCH", "TRACE"].map {
    Array("\($0) ".utf8)
  }

  private static func httpMethod(_ payload: [UInt8]) -> Int {
    methods.first { payload.starts(with: $0) }?.count ?? 0
  }
}
