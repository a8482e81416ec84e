import Policy
import Wire

/// Follows what an endpoint's messages show besides their verdict: sessions, the peer behind them, their counters.
extension Auditor {
  mutating func followSent(_ kind: TunnelKind, _ seen: borrowing Sighting, endpoint: Int) {
    switch kind {
    case .initiation, .response, .cookie, .junk:
      beginHandshake(at: seen.moment)
    default: break
    }
    classifier.tunnels[endpoint].tally.countSent(kind, seen.length, at: seen.moment)
    // The fields of LWO's messages are hidden.
    guard classifier.tunnels[endpoint].publicKey == nil else { return }
    let message = classifier.message(seen.payload, kind, endpoint: endpoint)
    switch kind {
    case .initiation: followInitiation(message, seen, endpoint: endpoint)
    case .response:
      guard message.byteCount >= 12 else { return }
      let isForPeer = classifier.isForPeer(message, kind, endpoint: endpoint) == true
      let answer = classifier.tunnels[endpoint].session.noteOwnResponse(
        sender: message.uint32(at: 4).byteSwapped, receiver: message.uint32(at: 8).byteSwapped, isForPeer: isForPeer,
        interface: seen.interface)
      if isForPeer, answer != .unasked { classifier.tunnels[endpoint].tally.addVerified(seen.count) }
    case .data, .keepalive:
      followData(message, seen, endpoint: endpoint)
    case .openVPN: classifier.tunnels[endpoint].tally.openVPN.note(seen)
    default: break
    }
  }

  /// Notes a handshake message: for leaks since the tunnel packet before it, nobody knows whether the tunnel was up.
  private mutating func beginHandshake(at moment: Timestamp) {
    guard leaks.windows.isWaiting || !classifier.candidates.list.isEmpty else { return }
    let last = tunnelMoment.lastPacket
    leaks.windows.beginHandshake(at: moment, after: last)
    for index in classifier.candidates.list.indices where classifier.candidates.list[index].windows.isWaiting {
      classifier.candidates[index].windows.beginHandshake(at: moment, after: last)
    }
  }

  private mutating func followInitiation(_ message: RawSpan, _ seen: borrowing Sighting, endpoint: Int) {
    guard message.byteCount >= 8 else { return }
    let isForPeer = classifier.isForPeer(message, .initiation, endpoint: endpoint)
    if classifier.tunnels[endpoint].tally.firstInitiation == nil {
      classifier.tunnels[endpoint].tally.firstInitiation = seen.moment
    }
    classifier.tunnels[endpoint].session.noteInitiation(
      sender: message.uint32(at: 4).byteSwapped, isForPeer: isForPeer == true, from: seen.packet.source)
    switch isForPeer {
    case true: classifier.tunnels[endpoint].tally.addVerified(seen.count)
    case false:
      classifier.tunnels[endpoint].tally.foreignInitiations += 1
      let stated = policy.endpoints[endpoint]
      note(
        .foreignInitiation(endpoint: stated.value.endpoint, origin: stated.origin), seen)
    case nil: break
    }
  }

  private mutating func followData(_ message: RawSpan, _ seen: borrowing Sighting, endpoint: Int) {
    guard message.byteCount >= 16 else { return }
    let receiver = message.uint32(at: 4).byteSwapped
    if classifier.tunnels[endpoint].session.isVerified(receiver: receiver) {
      classifier.tunnels[endpoint].tally.addVerified(seen.count)
    }
    classifier.tunnels[endpoint].session.noteSentData(receiver: receiver)
    noteUp(endpoint)
    let counter = MessageCounter(message.uint64(at: 8).byteSwapped)
    if countsInKernel {
      flows.takeOver(before: counter, receiver: receiver, interface: seen.interface, &counters)
    }
    counters.note(
      interface: seen.interface, receiver: receiver, counter: counter,
      messages: classifier.tunnels[endpoint].amneziaMessages == nil
        ? MessageRun.count(message, length: Int(seen.packet.payloadLength)) : 1,
      sessionWasSeen: classifier.tunnels[endpoint].session.wasSeen(receiver: receiver, on: seen.interface))
  }

  mutating func noteUp(_ endpoint: Int) {
    if classifier.tunnels[endpoint].session.isUp { classifier.tunnels[endpoint].tally.isUp = true }
  }

  mutating func followReceived(_ seen: borrowing Sighting, endpoint: Int) {
    let kind = receivedKind(seen, endpoint: endpoint)
    // OpenVPN's server shows nothing but that it sends.
    var isHeard = policy.endpoints[endpoint].value.shape == .openVPN && seen.packet.payloadLength > 0
    if let kind {
      if kind != .data { beginHandshake(at: seen.moment) }
      let payload = seen.payload
      let padding = classifier.tunnels[endpoint].amneziaMessages?.padding(of: TunnelKind(kind, payloadLength: 0)) ?? 0
      let message = payload.extracting(droppingFirst: padding)
      if message.byteCount >= 12 {
        isHeard = follow(kind, message, seen.frame, endpoint: endpoint, interface: seen.interface)
      }
    }
    if classifier.candidates.isActive, kind == .response, isHeard {
      noteReturn(to: endpoint, of: .init(interface: seen.interface, address: seen.packet.destination), at: seen.moment)
    }
    classifier.tunnels[endpoint].tally.countReceived(
      isResponse: kind == .response, isHeard: isHeard, seen.length, at: seen.moment)
    if isHeard { classifier.tunnels[endpoint].session.noteHeard(at: seen.moment) }
    noteUp(endpoint)
  }

  /// The kind of the peer's message; nil if it is not a message, or if too little of it was captured.
  private func receivedKind(_ seen: borrowing Sighting, endpoint: Int) -> WireGuardMessage? {
    let message = seen.payload
    guard seen.packet.transport == .header, seen.packet.fragment != .later, message.byteCount >= 12 else { return nil }
    guard classifier.tunnels[endpoint].publicKey == nil, policy.endpoints[endpoint].value.shape != .openVPN else {
      return nil
    }
    if let amnezia = classifier.tunnels[endpoint].amneziaMessages {
      guard case .some(.some(let kind)) = amnezia.kind(message, length: Int(seen.packet.payloadLength)) else {
        return nil
      }
      return kind.message
    }
    return WireGuardMessage(
      firstWord: message.uint32(at: 0), payloadLength: Int(seen.packet.payloadLength),
      anyReserved: policy.endpoints[endpoint].value.shape != .wireGuard)
  }

  /// Follows the peer's message. True if a session explains it.
  private mutating func follow(
    _ kind: WireGuardMessage, _ message: RawSpan, _ frame: borrowing CapturedFrame, endpoint: Int, interface: Int
  ) -> Bool {
    let first = message.uint32(at: 4).byteSwapped
    switch kind {
    case .initiation:
      classifier.tunnels[endpoint].session.notePeerInitiation(sender: first)
      return false
    case .response:
      let wasVerified = classifier.tunnels[endpoint].session.isVerified(receiver: first)
      let answer = classifier.tunnels[endpoint].session.noteResponse(
        sender: first, receiver: message.uint32(at: 8).byteSwapped, interface: interface)
      if answer == .newSession {
        classifier.tunnels[endpoint].tally.noteHandshake(at: frame.timestamp)
        leaks.circumstances.endStart()
        note(.init(.tunnel, "handshake with \(policy.endpoints[endpoint].value.endpoint)", at: frame.timestamp))
      }
      // A session that was kept as unverified may be verified now. A response that is sent again changes nothing.
      let isVerified = classifier.tunnels[endpoint].session.isVerified(receiver: first)
      if answer != .unasked, answer != .knownSession || isVerified != wasVerified { forgetFlows() }
      return answer != .unasked
    case .data: return classifier.tunnels[endpoint].session.noteReceivedData(receiver: first)
    case .cookie: return false
    }
  }
}
