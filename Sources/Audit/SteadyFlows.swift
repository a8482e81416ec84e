import Policy
import Wire

/// The bulk of every capture, counted without being decoded: transport data of the tunnel, and one flow that stays
/// on the premises.
///
/// What a flow is decides the classifier, on a packet of it that it sees in full. Here the packets that follow are
/// recognised as more of the same: same interface, recorded direction, link addresses, addresses and ports, and a form so plain
/// (`TransportData`, `PlainPacket`) that nothing else goes into their verdict. What differs in anything is not
/// recognised and takes the classifier's way; a flow whose verdict could change with time is never kept
/// (`Auditor.keep`). Of what is sent into the tunnel, receiver and counter are followed too: the next message in
/// order is counted here, any other is looked at in full (`TransportCounters`).
struct SteadyFlows: Sendable {
  struct Flow: Sendable, BitwiseCopyable {
    /// Interface and recorded direction in one word; -1 where no flow is kept.
    var place = -1
    /// The link header's addresses: a station's frames may all come in, another's with the same addresses go out.
    var link = LinkWords()
    var addresses: UInt64 = 0
    var ports: UInt32 = 0
    var protocolNumber: UInt8 = 0
    var receiver: UInt32 = 0
    /// Of what is sent: the first counter that the tallies do not know, and the one that comes next.
    var firstCounter = MessageCounter(0)
    var nextCounter = MessageCounter(0)
    /// The position of the policy's endpoint.
    var endpoint: Int16 = -1
    var isVerified = false
    /// Whether they are taken for ingress by their addresses alone; and whose frames are in doubt, or -1.
    var isBelieved = false
    var doubtful: Int32 = -1
    /// The station that they go to, or -1, and whether they leave the premises by their destination.
    var toward: Int32 = -1
    var leaves = false
    /// The notice of its source's address (`WireFacts`), or -1.
    var foreign: Int32 = -1
    var localKind = LocalKind.private
    /// Counted here and not yet in the audit's tallies; keepalives are no part of `bulk`.
    var bulk = Count()
    var keepalives = Count()
    /// Begins with the packet that the flow was kept for, which the tallies know already.
    var time = Span(Timestamp(nanoseconds: 0))

    var total: Count { bulk + keepalives }

    mutating func empty() {
      bulk = Count()
      keepalives = Count()
      firstCounter = nextCounter
    }

    @inline(__always)
    mutating func count(_ length: Int, at moment: Timestamp) {
      extend(to: moment)
      bulk.frames &+= 1
      bulk.bytes &+= length
    }

    @inline(__always)
    mutating func count(_ message: TransportData, _ length: Int, at moment: Timestamp) {
      if !message.isKeepalive { return count(length, at: moment) }
      extend(to: moment)
      keepalives.frames &+= 1
      keepalives.bytes &+= length
    }

    @inline(__always)
    private mutating func extend(to moment: Timestamp) {
      if moment > time.last { time.last = moment } else if moment < time.first { time.first = moment }
    }
  }

  var sent = Flow()
  var received = Flow()
  var local = Flow()
  /// The local flow of the latest packet that took the classifier's way: it is kept when it comes twice in a row.
  var candidate: UInt64 = 0

  /// Frames counted here and not yet in the tallies.
  var unsettled: Int { sent.total.frames &+ received.total.frames &+ local.bulk.frames }

  static func place(_ interface: Int, _ direction: RecordDirection) -> Int {
    interface &* 4 &+ Int(direction.rawValue)
  }

  /// Counts a frame if its verdict is known. False leaves it to the classifier.
  @inline(__always)
  mutating func count(
    _ bytes: RawSpan, _ linkType: LinkType, originalLength: Int, at moment: Timestamp, interface: Int,
    _ direction: RecordDirection
  ) -> Bool {
    let offset = PlainPacket.offset(bytes, linkType)
    let place = Self.place(interface, direction)
    let length = max(originalLength, bytes.byteCount)
    if let message = TransportData(bytes, at: offset) {
      let link = LinkWords(bytes, at: offset)
      if message.addresses == sent.addresses, message.ports == sent.ports, place == sent.place, link == sent.link {
        guard message.counter == sent.nextCounter, message.receiver == sent.receiver else { return false }
        sent.nextCounter = message.counter.advanced(by: 1)
        sent.count(message, length, at: moment)
        return true
      }
      if message.addresses == received.addresses, message.ports == received.ports, place == received.place,
        link == received.link
      {
        received.count(message, length, at: moment)
        return true
      }
    }
    guard place == local.place, let packet = PlainPacket(bytes, at: offset), packet.addresses == local.addresses,
      packet.ports == local.ports, packet.protocolNumber == local.protocolNumber,
      LinkWords(bytes, at: offset) == local.link
    else { return false }
    local.count(length, at: moment)
    return true
  }
}

extension Auditor {
  /// Keeps the flow of a packet that was just decided, if the same decision holds for all that follow.
  ///
  /// It does where only policy and addresses decided, those of the link included, which are the flow's: not where flows seen
  /// before could have (a public source). Nor if an endpoint's address could be learned from the flow.
  mutating func keep(
    _ decision: Classifier.Decision, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, interface: Int,
    foreign: Int
  ) {
    if decision.isForeign, foreign < 0 { return }
    switch decision.verdict {
    case .tunnel(.data), .tunnel(.keepalive), .ingress:
      guard decision.endpoint >= 0, var flow = steadyTunnelFlow(decision, packet, frame, interface: interface) else {
        return
      }
      flow.foreign = Int32(truncatingIfNeeded: foreign)
      settle()
      if case .ingress = decision.verdict { steadyFlows.received = flow } else { steadyFlows.sent = flow }
    case .local(let kind):
      guard var flow = steadyLocalFlow(kind, decision, packet, frame, interface: interface) else { return }
      flow.foreign = Int32(truncatingIfNeeded: foreign)
      settle()
      steadyFlows.local = flow
    default: break
    }
  }

  private func steadyTunnelFlow(
    _ decision: Classifier.Decision, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, interface: Int
  ) -> SteadyFlows.Flow? {
    guard !teachesNames(packet), isPlain(frame),
      let message = TransportData(frame.bytes, at: PlainPacket.offset(frame.bytes, frame.linkType)),
      classifier.amneziaMessages[Int(decision.endpoint)] == nil, classifier.publicKeys[Int(decision.endpoint)] == nil
    else { return nil }
    // Until the tunnel is up, each of the peer's messages may be the one that shows it.
    if case .ingress = decision.verdict, !classifier.sessions[Int(decision.endpoint)].isUp { return nil }
    var flow = steadyFlow(frame, decision, interface: interface)
    flow.addresses = message.addresses
    flow.ports = message.ports
    flow.endpoint = decision.endpoint
    flow.leaves = classifier.isPublicUnicast(packet.destination)
    if case .tunnel = decision.verdict {
      guard AddressScope(packet.source).isPrivate, counters.isInOrder(interface: interface, message) else { return nil }
      flow.receiver = message.receiver
      flow.nextCounter = message.counter.advanced(by: 1)
      flow.firstCounter = flow.nextCounter
      flow.isVerified = classifier.sessions[Int(decision.endpoint)].isVerified(receiver: message.receiver)
    }
    return flow
  }

  /// Allow rules, rules of a served port and the learner may look at a packet's content: then no local flow is kept.
  private mutating func steadyLocalFlow(
    _ kind: LocalKind, _ decision: Classifier.Decision, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame,
    interface: Int
  ) -> SteadyFlows.Flow? {
    guard classifier.allowRules.isEmpty, classifier.served.isEmpty, !classifier.candidates.isActive,
      !learner.isActive, isPlain(frame), AddressScope(packet.source).isPrivate, !isTelling(packet),
      let plain = PlainPacket(frame.bytes, at: PlainPacket.offset(frame.bytes, frame.linkType))
    else { return nil }
    let candidate = plain.addresses &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(plain.ports)
    defer { steadyFlows.candidate = candidate }
    guard candidate == steadyFlows.candidate else { return nil }
    var flow = steadyFlow(frame, decision, interface: interface)
    flow.addresses = plain.addresses
    flow.ports = plain.ports
    flow.protocolNumber = plain.protocolNumber
    flow.localKind = kind
    return flow
  }

  private func steadyFlow(
    _ frame: borrowing CapturedFrame, _ decision: Classifier.Decision, interface: Int
  ) -> SteadyFlows.Flow {
    var flow = SteadyFlows.Flow()
    flow.place = SteadyFlows.place(interface, frame.recordDirection)
    flow.time = Span(frame.timestamp)
    flow.link = LinkWords(frame.bytes, at: PlainPacket.offset(frame.bytes, frame.linkType))
    flow.isBelieved = decision.isBelieved
    flow.doubtful = decision.doubtful
    flow.toward = decision.toward
    return flow
  }

  /// A cooked header holds a direction of its own, which must be the one that the record has.
  private func isPlain(_ frame: borrowing CapturedFrame) -> Bool {
    frame.linkType == .ethernet || frame.linkType == .linuxCooked2 && frame.recordDirection != .unknown
  }

  private func teachesNames(_ packet: DecodedPacket) -> Bool {
    learner.isActive && (packet.sourcePort == 53 || packet.destinationPort == 53)
  }
}
