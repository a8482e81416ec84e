import Policy
import Wire

/// By what a protocol is recognised: the bytes that it fixes itself. Of a payload these alone are shown, and they are the
/// same whoever sent it.
///
/// The protocols are those that the rule pack tells by content, so that a redacted frame gets the label of its original.
struct PayloadSignature: Sendable {
  /// A byte of the payload: which values it may have, of which bits, and what is shown in its place.
  struct Byte: Sendable {
    var offset: Int
    var values: ClosedRange<UInt8>
    var mask: UInt8 = 0xFF
    var shown: UInt8
  }

  /// A number of the payload that says how long something is, and that is shown as it must be.
  struct Length: Sendable {
    /// Counted from the end where it is below zero.
    var offset: Int
    /// In bytes.
    var width: Int
    /// How much of the payload it does not count.
    var less = 0
    /// Whether it may be anything from 1 to that, and is shown as 1.
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

  /// Bytes that are kept of an unknown payload, all zero: as many as tell WireGuard's messages apart.
  private static var keptLength: Int { 12 }

  var transport: IPProtocol
  /// One of the packet's; nil for any.
  var ports: [UInt16]?
  /// As the length fields say.
  var length: ClosedRange<Int> = 0...Int.max
  var lengths: [Length] = []
  var bytes: [Byte]

  /// What is shown of a payload, of which `length` bytes were sent.
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

  /// A message in WireGuard's shape: its type, and the numbers of the session's ends under pseudonyms, by which messages
  /// belong together. Reserved bytes that are not zero name a client (WARP): that they are not is all that is shown.
  private static func wireGuard(_ payload: [UInt8], length: Int, _ redactor: Redactor) -> [UInt8]? {
    guard payload.count >= 4 else { return nil }
    let word = payload[..<4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    guard let message = WireGuardMessage(firstWord: word, payloadLength: length, anyReserved: true) else { return nil }
    var shown: [UInt8] = [payload[0], 0, 0, word & 0xFF_FFFF == 0 ? 0 : 1]
    for offset in message == .response ? [4, 8] : [4] where payload.count >= offset + 4 {
      shown += redactor.number(Array(payload[offset..<offset + 4]))
    }
    // By an empty mac2 an initiation is known in spite of its client id.
    let end = WireGuardMessage.initiationLength
    let isKnown =
      message == .initiation && shown[3] != 0 && payload.count >= end
      && payload[end - 16..<end].allSatisfy { $0 == 0 }
    return shown + [UInt8](repeating: 0, count: max(0, (isKnown ? end : min(payload.count, keptLength)) - shown.count))
  }
}
