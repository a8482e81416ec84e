import Cryptography
import Policy
import Wire

/// Follows candidates for an Endpoint (`EndpointCandidates`), counts their messages, and looks for a proof.
extension Auditor {
  /// Notes a message to a candidate. True if the candidate is an endpoint now.
  mutating func followCandidate(_ decision: Classifier.Decision, _ seen: borrowing Sighting) -> Bool {
    let position = Int(decision.candidate)
    if classifier.candidates[position].frame == 0 { classifier.candidates[position].frame = frames }
    if classifier.candidates.foreknown.contains(classifier.candidates[position].endpoint) {
      prove(position, at: seen.moment)
      return true
    }
    if case .some(.some(.initiation)) = classifier.tunnelKind(seen, .wireGuard),
      standsInList(position, seen.payload, at: seen.moment)
    {
      return true
    }
    return settleContested(position, at: seen.moment)
  }

  /// Looks at what an initiation shows about its destination. A server of the gateway's list becomes an Endpoint at
  /// once, whether or not it answers: then this is true.
  private mutating func standsInList(_ position: Int, _ initiation: RawSpan, at moment: Timestamp) -> Bool {
    switch classifier.lists.identity(of: classifier.candidates[position].endpoint, initiation) {
    case .listed(let server, let list):
      prove(position, from: (server, list), at: moment)
      return true
    case .keyed(let key): classifier.candidates[position].publicKey = key
    case .cut(isListed: true): classifier.candidates[position].isListedByAddress = true
    case .cut(isListed: false), .foreign, .unlisted, .open: break
    }
    return false
  }

  /// Whether an answer proves a candidate. If a list or a key says where the tunnel goes, and the candidate's handshake
  /// does not fit or was not seen whole, the answer only shows that somebody is there.
  private func isProof(_ kind: WireGuardMessage, receiver: UInt32, of position: Int) -> Bool {
    let candidate = classifier.candidates[position]
    if candidate.publicKey != nil { return kind == .response && candidate.session.isVerified(receiver: receiver) }
    if classifier.lists.demandsKeys { return false }
    return !classifier.lists.hasLists || candidate.isListedByAddress
  }

  /// Counts a message for its candidate. Returns the leak that it is unless the candidate is proven; nil for an
  /// initiation.
  mutating func countCandidate(_ decision: Classifier.Decision, _ seen: borrowing Sighting) -> Leak? {
    let position = Int(decision.candidate)
    let (moment, length) = (seen.moment, seen.length)
    let message = seen.payload
    guard case .some(.some(let kind)) = classifier.tunnelKind(seen, .wireGuard) else { return nil }
    if note(kind, message, from: seen.packet.source, to: position, at: seen.place) {
      classifier.candidates[position].tally.addVerified(Count(frames: 1, bytes: length))
    }
    classifier.candidates[position].tally.countSent(kind, length, at: moment)
    guard case .leak(let structure) = decision.verdict else {
      classifier.candidates[position].initiations.countSent(kind, length, at: moment)
      return nil
    }
    var leak = inspect(seen, structure)
    leak.candidate = classifier.candidates[position].id
    leak.phase = classifier.candidates[position].windows.count(length, at: moment, tunnelMoment)
    classifier.candidates[position].traffic.add(.leak, at: moment)
    classifier.candidates[position].count(leak, on: seen.interface, length, at: moment)
    return leak
  }

  /// Notes a message. True for an initiation that is meant for the candidate's key.
  private mutating func note(
    _ kind: TunnelKind, _ message: RawSpan, from source: IPAddress, to position: Int, at place: Place
  ) -> Bool {
    guard message.byteCount >= 12 else { return false }
    let first = message.uint32(at: 4).byteSwapped
    let second = message.uint32(at: 8).byteSwapped
    switch kind {
    case .initiation:
      let key = classifier.candidates[position].publicKey.flatMap(PeerKey.init)
      let isForPeer = key?.authenticates(message) == true
      classifier.candidates[position].session.noteInitiation(sender: first, isForPeer: isForPeer, from: source)
      return isForPeer
    case .response:
      // Only a response to an initiation from the other side comes here.
      classifier.candidates[position].session.notePeerInitiation(sender: second)
      _ = classifier.candidates[position].session.noteOwnResponse(
        sender: first, receiver: second, isForPeer: false, interface: place.interface)
    case .data, .keepalive:
      classifier.candidates[position].session.noteSentData(receiver: first)
      guard message.byteCount >= 16 else { return false }
      counters.note(
        interface: place.interface, receiver: first, counter: MessageCounter(message.uint64(at: 8).byteSwapped),
        messages: 1,
        sessionWasSeen: classifier.candidates[position].session.wasSeen(receiver: first, on: place.interface))
    default: break
    }
    return false
  }

  /// Looks for an incoming answer that proves a candidate.
  mutating func followAnswer(_ seen: borrowing Sighting, _ decision: Classifier.Decision) {
    guard seen.packet.protocolNumber == .udp, seen.packet.transport == .header, seen.packet.fragment != .later else {
      return
    }
    let message = seen.payload
    guard message.byteCount >= 12,
      let kind = WireGuardMessage(firstWord: message.uint32(at: 0), payloadLength: Int(seen.packet.payloadLength))
    else { return }
    let endpoint = Endpoint(address: seen.packet.source, port: seen.packet.sourcePort)
    if kind == .initiation { classifier.candidates.noteStranger(endpoint, index: message.uint32(at: 4)) }
    guard let position = classifier.candidates.position(of: endpoint) else { return }
    let station = decision.step == .recordedDirection ? nil : seen.link?.source
    if let station, classifier.candidates[position].stations.contains(station) { return }
    let first = message.uint32(at: 4).byteSwapped
    let second = message.uint32(at: 8).byteSwapped
    var isAnswer = false
    // Data in both directions, each under an index that two messages carry, is an answer, too; only a handshake is a
    // proof.
    var isRepeated = false
    switch kind {
    case .response:
      let answer = classifier.candidates[position].session.noteResponse(
        sender: first, receiver: second, interface: seen.interface)
      isAnswer = answer != .unasked
      if answer == .newSession { classifier.candidates[position].tally.noteHandshake(at: seen.moment) }
    case .data:
      isAnswer = classifier.candidates[position].session.confirms(receiver: first)
      isRepeated = classifier.candidates[position].session.noteReceivedData(receiver: first)
    case .initiation, .cookie: break
    }
    let length = seen.length
    classifier.candidates[position].tally.countReceived(
      isResponse: kind == .response,
      isHeard: isAnswer || isRepeated && classifier.candidates[position].session.isUp, length, at: seen.moment)
    guard isAnswer, isProof(kind, receiver: first, of: position) else { return }
    if let station { classifier.candidates.noteAnswer(of: position, from: station) }
    classifier.candidates[position].session.noteHeard(at: seen.moment)
    let senders = classifier.candidates[position].senders
    if senders.contains(where: { classifier.isAnswered($0, at: seen.moment) }) {
      classifier.candidates[position].provenAt = seen.moment
    } else {
      prove(position, at: seen.moment)
    }
  }

  /// Whether a packet between private addresses that looks like egress is a candidate's answer: it came back the way
  /// that the question went. An Endpoint may be on the LAN.
  func comesBack(_ seen: borrowing Sighting, _ decision: Classifier.Decision) -> Bool {
    guard case .local = decision.verdict, !decision.isCertain, seen.packet.protocolNumber == .udp, seen.packet.hasPorts,
      let link = seen.link, let to = link.destination,
      let position = classifier.candidates.position(
        of: Endpoint(address: seen.packet.source, port: seen.packet.sourcePort))
    else { return false }
    let candidate = classifier.candidates[position]
    return candidate.hops.contains(link.source) && candidate.stations.contains(to)
  }
}

extension EndpointCandidates.Candidate {
  var pendingFrames: Int { pending.reduce(0) { $0 + $1.finding.count.frames } }

  mutating func count(_ leak: Leak, on interface: Int, _ length: Int, at moment: Timestamp) {
    let position: Int
    if let known = pending.firstIndex(where: { $0.interface == interface }) {
      position = known
    } else {
      position = pending.count
      pending.append(
        .init(
          interface: interface,
          finding: Finding(
            key: leak.key, severity: leak.severity, title: leak.title, time: Span(moment),
            firstFrame: leak.frameInFile, fate: leak.fate),
          time: Span(moment)))
      // Its packets are not joined to others while a handshake may still explain them.
      pending[position].finding.mayBeElsewhere = true
    }
    pending[position].finding.count.add(length)
    pending[position].finding.time.extend(to: moment)
    pending[position].time.extend(to: moment)
    if let source = leak.source { pending[position].finding.sources.insert(source) }
  }
}
