import Policy
import Wire

/// The bytes by which a protocol is recognised: those that it fixes itself. Only these bytes of a payload are shown,
/// and they are the same for every sender.
///
/// The protocols are those that the rule pack recognises by content, so that a redacted frame gets the same label as
/// its original.
struct PayloadSignature: Sendable {
  /// A byte of the payload: the values it may have, the bits that count, and what is shown in its place.
  struct Byte: Sendable {
    var offset: Int
    var values: ClosedRange<UInt8>
    var mask: UInt8 = 0xFF
    var shown: UInt8
  }

  /// A length field of the payload. The number shown is the right one for the payload's length.
  struct Length: Sendable {
    /// Where the field begins; a negative offset counts from the end.
    var offset: Int
    /// In bytes.
    var width: Int
    /// How many bytes of the payload the length does not count.
    var less = 0
    /// Whether any value from 1 up to that length is accepted; it is shown as 1.
    var isLimit = false

    func place(in length: Int) -> Range<Int> {
      let start = offset < 0 ? length + offset : offset
      return start..<start + width
    }

    func holds(_ stated: Int, of length: Int) -> Bool {
      isLimit ? (1...max(1, length - less)).contains(stated) : stated == length - less
    }

    func shown(of length: Int) -> Int { isLimit ? 1 : length - less }
  }

  /// How many bytes are kept of an unknown payload, all zero: enough to tell WireGuard's messages apart.
  private static var keptLength: Int { 12 }

  var transport: IPProtocol
  /// One of the packet's two ports must be in this list; nil accepts any.
  var ports: [UInt16]?
  /// The payload's length according to the length fields.
  var length: ClosedRange<Int> = 0...Int.max
  var lengths: [Length] = []
  var bytes: [Byte]

  /// What is shown of a payload that had `length` bytes when it was sent.
  static func shown(
    _ payload: ArraySlice<UInt8>, length: Int, _ packet: DecodedPacket, _ redactor: Redactor
  ) -> [UInt8] {
    let payload = Array(payload)
    let message = packet.protocolNumber == .udp ? wireGuard(payload, length: length, redactor) : nil
    if let message, message[3] == 0 { return message }
    guard let signature = all.first(where: { $0.matches(payload, length: length, packet) }) else {
      return message ?? [UInt8](repeating: 0, count: min(payload.count, keptLength))
    }
    let places = signature.lengths.map { $0.place(in: length) }
    let end = max(signature.bytes.map { $0.offset + 1 }.max() ?? 0, places.map(\.upperBound).max() ?? 0)
    var shown = [UInt8](repeating: 0, count: max(end, min(payload.count, keptLength)))
    for byte in signature.bytes { shown[byte.offset] = byte.shown }
    for (stated, place) in zip(signature.lengths, places) {
      for (index, offset) in place.reversed().enumerated() {
        shown[offset] = UInt8(truncatingIfNeeded: stated.shown(of: length) >> (8 * index))
      }
    }
    return shown
  }

  private func matches(_ payload: [UInt8], length: Int, _ packet: DecodedPacket) -> Bool {
    guard packet.protocolNumber == transport, self.length.contains(length) else { return false }
    if let ports, !ports.contains(packet.sourcePort), !ports.contains(packet.destinationPort) { return false }
    for stated in lengths {
      let place = stated.place(in: length)
      guard place.lowerBound >= 0, place.upperBound <= payload.count,
        stated.holds(payload[place].reduce(0) { $0 << 8 | Int($1) }, of: length)
      else { return false }
    }
    return bytes.allSatisfy { $0.offset < payload.count && $0.values.contains(payload[$0.offset] & $0.mask) }
  }

  /// A message in WireGuard's shape: its type, and pseudonyms of the session's two indices, which show which messages
  /// belong together. Reserved bytes that are not zero identify a client (WARP); only the fact that they are not zero
  /// is shown.
  private static func wireGuard(_ payload: [UInt8], length: Int, _ redactor: Redactor) -> [UInt8]? {
    guard payload.count >= 4 else { return nil }
    let word = payload[..<4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    guard let message = WireGuardMessage(firstWord: word, payloadLength: length, anyReserved: true) else { return nil }
    var shown: [UInt8] = [payload[0], 0, 0, word & 0xFF_FFFF == 0 ? 0 : 1]
    for offset in message == .response ? [4, 8] : [4] where payload.count >= offset + 4 {
      shown += redactor.number(Array(payload[offset..<offset + 4]))
    }
    // An empty mac2 identifies an initiation even if it has a client id.
    let end = WireGuardMessage.initiationLength
    let isKnown =
      message == .initiation && shown[3] != 0 && payload.count >= end
      && payload[end - 16..<end].allSatisfy { $0 == 0 }
    return shown + [UInt8](repeating: 0, count: max(0, (isKnown ? end : min(payload.count, keptLength)) - shown.count))
  }
}
