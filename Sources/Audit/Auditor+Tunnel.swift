import Policy
import Wire

/// What an endpoint's messages tell beside their verdict: sessions, the peer behind them, their counters.
extension Auditor {
  mutating func followSent(
    _ kind: TunnelKind, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, endpoint: Int, interface: Int,
    length: Int
  ) {
    tunnels[endpoint].countSent(kind, length, at: frame.timestamp)
    // The fields of LWO's messages are hidden.
    guard classifier.publicKeys[endpoint] == nil else { return }
    let message = classifier.message(packet.payload(frame), kind, endpoint: endpoint)
    switch kind {
    case .initiation: followInitiation(message, packet, frame, endpoint: endpoint, interface: interface, length: length)
    case .response:
      guard message.byteCount >= 12 else { return }
      let isForPeer = classifier.isForPeer(message, kind, endpoint: endpoint) == true
      let answer = classifier.sessions[endpoint].noteOwnResponse(
        sender: message.uint32(at: 4).byteSwapped, receiver: message.uint32(at: 8).byteSwapped, isForPeer: isForPeer,
        interface: interface)
      if isForPeer, answer != .unasked { tunnels[endpoint].addVerified(Count(frames: 1, bytes: length)) }
    case .data, .keepalive:
      followData(message, packet, endpoint: endpoint, interface: interface, length: length)
    case .openVPN: tunnels[endpoint].openVPN.note(packet, frame)
    default: break
    }
  }

  private mutating func followInitiation(
    _ message: RawSpan, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, endpoint: Int, interface: Int,
    length: Int
  ) {
    guard message.byteCount >= 8 else { return }
    let isForPeer = classifier.isForPeer(message, .initiation, endpoint: endpoint)
    if tunnels[endpoint].firstInitiation == nil { tunnels[endpoint].firstInitiation = frame.timestamp }
    classifier.sessions[endpoint].noteInitiation(
      sender: message.uint32(at: 4).byteSwapped, isForPeer: isForPeer == true, from: packet.source)
    switch isForPeer {
    case true: tunnels[endpoint].addVerified(Count(frames: 1, bytes: length))
    case false:
      tunnels[endpoint].foreignInitiations += 1
      let stated = policy.endpoints[endpoint]
      note(.foreignInitiation(endpoint: stated.value.endpoint, origin: stated.origin), frame, interface: interface)
    case nil: break
    }
  }

  private mutating func followData(
    _ message: RawSpan, _ packet: DecodedPacket, endpoint: Int, interface: Int, length: Int
  ) {
    guard message.byteCount >= 16 else { return }
    let receiver = message.uint32(at: 4).byteSwapped
    if classifier.sessions[endpoint].isVerified(receiver: receiver) {
      tunnels[endpoint].addVerified(Count(frames: 1, bytes: length))
    }
    classifier.sessions[endpoint].noteSentData(receiver: receiver)
    noteUp(endpoint)
    counters.note(
      interface: interface, receiver: receiver, counter: MessageCounter(message.uint64(at: 8).byteSwapped),
      messages: classifier.amneziaMessages[endpoint] == nil
        ? MessageRun.count(message, length: Int(packet.payloadLength)) : 1,
      sessionWasSeen: classifier.sessions[endpoint].wasSeen(receiver: receiver, on: interface))
  }

  mutating func noteUp(_ endpoint: Int) {
    if classifier.sessions[endpoint].isUp { tunnels[endpoint].isUp = true }
  }

  mutating func followReceived(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, endpoint: Int, interface: Int, length: Int
  ) {
    let kind = receivedKind(packet, frame, endpoint: endpoint)
    // OpenVPN's server has nothing to show but that it sends.
    var isHeard = policy.endpoints[endpoint].value.shape == .openVPN && packet.payloadLength > 0
    if let kind {
      let payload = packet.payload(frame)
      let padding = classifier.amneziaMessages[endpoint]?.padding(of: TunnelKind(kind, payloadLength: 0)) ?? 0
      let message = payload.extracting(droppingFirst: padding)
      if message.byteCount >= 12 {
        isHeard = follow(kind, message, frame, endpoint: endpoint, interface: interface)
      }
    }
    if classifier.candidates.isActive, kind == .response, isHeard {
      noteReturn(to: endpoint, of: .init(interface: interface, address: packet.destination), at: frame.timestamp)
    }
    tunnels[endpoint].countReceived(
      isResponse: kind == .response, isHeard: isHeard, length, at: frame.timestamp)
    if isHeard { classifier.sessions[endpoint].noteHeard(at: frame.timestamp) }
    noteUp(endpoint)
  }

  /// What the peer's message is. Nil where it is none, or too little was captured of it.
  private func receivedKind(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, endpoint: Int
  ) -> WireGuardMessage? {
    let message = packet.payload(frame)
    guard packet.transport == .header, packet.fragment != .later, message.byteCount >= 12 else { return nil }
    guard classifier.publicKeys[endpoint] == nil, policy.endpoints[endpoint].value.shape != .openVPN else { return nil }
    if let amnezia = classifier.amneziaMessages[endpoint] {
      guard case .some(.some(let kind)) = amnezia.kind(message, length: Int(packet.payloadLength)) else { return nil }
      return kind.message
    }
    return WireGuardMessage(
      firstWord: message.uint32(at: 0), payloadLength: Int(packet.payloadLength),
      anyReserved: policy.endpoints[endpoint].value.shape != .wireGuard)
  }

  /// Follows the peer's message. True if a session explains it.
  private mutating func follow(
    _ kind: WireGuardMessage, _ message: RawSpan, _ frame: borrowing CapturedFrame, endpoint: Int, interface: Int
  ) -> Bool {
    let first = message.uint32(at: 4).byteSwapped
    switch kind {
    case .initiation:
      classifier.sessions[endpoint].notePeerInitiation(sender: first)
      return false
    case .response:
      let answer = classifier.sessions[endpoint].noteResponse(
        sender: first, receiver: message.uint32(at: 8).byteSwapped, interface: interface)
      if answer == .newSession {
        tunnels[endpoint].noteHandshake(at: frame.timestamp)
        circumstances.endStart()
        note(.init(.tunnel, "handshake with \(policy.endpoints[endpoint].value.endpoint)", at: frame.timestamp))
      }
      // A session that was kept as unverified may be verified now.
      if answer != .unasked { forgetFlows() }
      return answer != .unasked
    case .data: return classifier.sessions[endpoint].noteReceivedData(receiver: first)
    case .cookie: return false
    }
  }
}
