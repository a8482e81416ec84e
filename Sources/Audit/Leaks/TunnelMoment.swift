import Wire

/// What is known about the tunnel when a leak happens.
struct TunnelMoment {
  var lastPacket: Timestamp?
  /// Whether a handshake was answered, or data was sent in a session that is older than the capture.
  var isEstablished: Bool

  /// The phase of a leak at that moment.
  func phase(at moment: Timestamp) -> LeakPhase {
    guard let lastPacket, isEstablished else { return .beforeHandshake }
    return .established(silence: max(0, (moment - lastPacket).nanoseconds))
  }
}
