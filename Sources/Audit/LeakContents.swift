import Wire

/// Reads what a leaking packet carries, for the names in it.
struct LeakContents: Sendable {
  /// The details of a packet that carries some.
  mutating func details(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> [LeakDetail] {
    guard packet.network == .ip, packet.transport == .header, packet.fragment != .later else { return [] }
    let payload = packet.payload(frame)
    guard payload.byteCount > 0 else { return [] }
    switch packet.protocolNumber {
    case .tcp: return HTTPRequestHead(payload)?.host.map { [LeakDetail(.serverName, $0)] } ?? []
    default: return []
    }
  }
}
