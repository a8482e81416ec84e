import Policy
import Wire

/// Step 2 for an endpoint whose messages AmneziaWG or Mullvad's LWO has transformed.
extension Classifier {
  /// Like `tunnelKind`, with the endpoint's own parameters.
  func tunnelKind(_ seen: borrowing Sighting, _ port: SpecialAddresses.Port) -> TunnelKind?? {
    switch port.shape {
    case .wireGuard, .anyReserved, .openVPN, .any: return tunnelKind(seen, port.shape)
    case .amneziaWG:
      guard let messages = tunnels[Int(port.position)].amneziaMessages else { return .some(nil) }
      guard seen.packet.transport == .header else { return nil }
      return messages.kind(seen.payload, length: Int(seen.packet.payloadLength))
    case .lwo:
      // Without the key nothing can be shown to belong to the tunnel.
      guard let key = tunnels[Int(port.position)].publicKey else { return .some(nil) }
      guard seen.packet.transport == .header else { return nil }
      return Self.lwoKind(seen.payload, length: Int(seen.packet.payloadLength), key: key)
    }
  }

  private static func lwoKind(_ payload: RawSpan, length: Int, key: [UInt8]) -> TunnelKind?? {
    guard length >= WireGuardMessage.keepaliveLength else { return .some(nil) }
    guard payload.byteCount >= 4 else { return nil }
    return .some(LWOMessage.kind(payload, length: length, key: key).map { TunnelKind($0, payloadLength: length) })
  }

  /// The message without the padding that AmneziaWG puts before it.
  @_lifetime(copy payload)
  func message(_ payload: RawSpan, _ kind: TunnelKind, endpoint: Int) -> RawSpan {
    guard let messages = tunnels[endpoint].amneziaMessages else { return payload }
    return payload.extracting(droppingFirst: messages.padding(of: kind))
  }

  /// Whether a datagram to the endpoint that is not a message may be junk that AmneziaWG sends before an initiation.
  func mayBeJunk(_ packet: DecodedPacket, endpoint: Int) -> Bool {
    guard packet.fragment == .whole, packet.transport == .header, let amnezia = tunnels[endpoint].amnezia else {
      return false
    }
    return amnezia.mayPrecede(length: Int(packet.payloadLength))
  }
}

extension AmneziaWG.Messages {
  /// The kind of a message by its length and header, tested in a receiver's order. Inner nil: another shape. Outer nil:
  /// too little was captured to tell.
  func kind(_ payload: RawSpan, length: Int) -> TunnelKind?? {
    var isCut = false
    func fits(_ message: AmneziaWG.Message, _ isLength: Bool) -> Bool {
      guard isLength else { return false }
      guard payload.byteCount >= message.padding + 4 else {
        isCut = true
        return false
      }
      return message.holds(header: payload.uint32(at: message.padding).byteSwapped)
    }
    if fits(initiation, length == initiation.padding + WireGuardMessage.initiationLength) { return .initiation }
    if fits(response, length == response.padding + WireGuardMessage.responseLength) { return .response }
    if fits(cookie, length == cookie.padding + WireGuardMessage.cookieLength) { return .cookie }
    let shortest = data.padding + WireGuardMessage.keepaliveLength
    if fits(data, length >= shortest) { return length == shortest ? .keepalive : .data }
    return isCut ? nil : .some(nil)
  }

  func padding(of kind: TunnelKind) -> Int {
    switch kind {
    case .initiation: initiation.padding
    case .response: response.padding
    case .cookie: cookie.padding
    case .data, .keepalive: data.padding
    case .served, .fragment, .unchecked, .openVPN, .junk: 0
    }
  }
}
