import Handshake
import Policy
import Wire

/// What an endpoint's messages tell beside their verdict: sessions, the peer behind them, their counters.
extension Auditor {
  mutating func followSent(
    _ kind: TunnelKind, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, endpoint: Int, interface: Int,
    length: Int
  ) {
    let moment = frame.timestamp
    tunnels[endpoint].countSent(kind, length, at: moment)
    let message = packet.payload(frame)
    switch kind {
    case .initiation:
      guard message.byteCount >= 8 else { return }
      let isForPeer = isForPeer(message, endpoint: endpoint)
      if tunnels[endpoint].firstInitiation == nil { tunnels[endpoint].firstInitiation = moment }
      sessions[endpoint].noteInitiation(sender: message.uint32(at: 4).byteSwapped, isForPeer: isForPeer == true)
      switch isForPeer {
      case true: tunnels[endpoint].addVerified(Count(frames: 1, bytes: length))
      case false:
        tunnels[endpoint].foreignInitiations += 1
        let stated = policy.endpoints[endpoint]
        note(
          .foreignInitiation(endpoint: stated.value.endpoint, origin: stated.origin), frame, interface: interface)
      case nil: break
      }
    case .data, .keepalive:
      guard message.byteCount >= 16 else { return }
      let receiver = message.uint32(at: 4).byteSwapped
      if sessions[endpoint].isVerified(receiver: receiver) {
        tunnels[endpoint].addVerified(Count(frames: 1, bytes: length))
      }
      // What the steady flow counted came before this message, which was not the one that it waits for.
      settle()
      steadyFlows.sent = SteadyFlows.Flow()
      counters.note(
        interface: interface, receiver: receiver, counter: MessageCounter(message.uint64(at: 8).byteSwapped),
        messages: MessageRun.count(message, length: Int(packet.payloadLength)),
        sessionWasSeen: sessions[endpoint].wasSeen(receiver: receiver, on: interface))
    default: break
    }
  }

  mutating func followReceived(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, endpoint: Int, interface: Int, length: Int
  ) {
    var isResponse = false
    let message = packet.payload(frame)
    if packet.transport == .header, packet.payloadLength == WireGuardMessage.responseLength, message.byteCount >= 12,
      WireGuardMessage(firstWord: message.uint32(at: 0), payloadLength: Int(packet.payloadLength)) == .response
    {
      isResponse = true
      let answers = sessions[endpoint].noteResponse(
        sender: message.uint32(at: 4).byteSwapped, receiver: message.uint32(at: 8).byteSwapped, interface: interface)
      if answers == .newSession {
        if tunnels[endpoint].firstHandshake == nil { tunnels[endpoint].firstHandshake = frame.timestamp }
        tunnels[endpoint].lastHandshake = frame.timestamp
        circumstances.endStart()
        note(.init(.tunnel, "handshake with \(policy.endpoints[endpoint].value.endpoint)", at: frame.timestamp))
      }
    }
    tunnels[endpoint].countReceived(isResponse: isResponse, length, at: frame.timestamp)
  }

  /// Where the policy demands the configured peer, a handshake for another one is none of the tunnel's (semantics 5).
  func demandPeer(
    _ decision: inout Classifier.Decision, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame
  ) {
    guard case .tunnel(.initiation) = decision.verdict, decision.endpoint >= 0,
      isForPeer(packet.payload(frame), endpoint: Int(decision.endpoint)) == false
    else { return }
    decision.verdict = .leak(.notWireGuard)
  }

  /// Nil where the policy gives no public key, or the message was not captured as far as its mac1.
  private func isForPeer(_ message: RawSpan, endpoint: Int) -> Bool? {
    guard let key = peerKeys[endpoint] else { return nil }
    return key.authenticates(message)
  }
}

/// Transport messages in one datagram: a sender that leaves segmentation to the kernel (UDP_SEGMENT, udp(7)) hands
/// over several at once, all of one length but the last, and a capture shows them before they are cut.
enum MessageRun {
  /// Where a second message may begin: behind the shortest one, and before the end of the longest that Ethernet takes.
  private static let strides = 32...9000

  static func count(_ message: RawSpan, length: Int) -> UInt64 {
    guard length > 1472, message.byteCount >= 16 else { return 1 }
    let receiver = message.uint32(at: 4)
    let counter = message.uint64(at: 8).byteSwapped
    for stride in strides.lowerBound...min(strides.upperBound, max(strides.lowerBound, message.byteCount - 16))
    where stride + 16 <= message.byteCount && message.uint32(at: stride) == 0x0400_0000
      && message.uint32(at: stride + 4) == receiver
      && message.uint64(at: stride + 8).byteSwapped == counter &+ 1
    {
      // The rest is as the first two, whether or not it was captured.
      return UInt64((length + stride - 1) / stride)
    }
    return 1
  }
}
