import Policy
import Wire

/// The bulk of every capture, counted without being decoded: transport data of the tunnel's own flows.
///
/// What a flow is decides the classifier, on a packet of it that it sees in full. Here the packets that follow are
/// recognised as more of the same: same interface, recorded direction, addresses and ports, and a form so plain
/// (`TransportData`) that nothing else goes into their verdict. What differs in anything is not recognised and takes
/// the classifier's way; a flow whose verdict could change with time is never kept (`Auditor.keep`).
struct SteadyFlows: Sendable {
  struct Flow: Sendable, BitwiseCopyable {
    var interface: Int
    var recordDirection: RecordDirection
    var addresses: UInt64
    var ports: UInt32
    /// The position of the policy's endpoint.
    var endpoint: Int16
    /// Counted here and not yet in the audit's tallies.
    var data = Count()
    var keepalives = Count()
    var time = Span(Timestamp(nanoseconds: 0))

    init(_ message: TransportData, _ frame: borrowing CapturedFrame, interface: Int, endpoint: Int16) {
      self.interface = interface
      recordDirection = frame.recordDirection
      addresses = message.addresses
      ports = message.ports
      self.endpoint = endpoint
    }

    @inline(__always)
    func matches(_ message: TransportData, interface: Int, _ direction: RecordDirection) -> Bool {
      message.addresses == addresses && message.ports == ports && interface == self.interface
        && direction == recordDirection
    }

    @inline(__always)
    mutating func count(_ message: TransportData, _ length: Int, at moment: Timestamp) {
      if data.frames | keepalives.frames == 0 { time = Span(moment) } else { time.extend(to: moment) }
      if message.isKeepalive { keepalives.add(length) } else { data.add(length) }
    }
  }

  var sent: Flow?
  var received: Flow?

  /// Counts an Ethernet frame if its verdict is known. False leaves it to the classifier.
  @inline(__always)
  mutating func count(
    _ bytes: RawSpan, originalLength: Int, at moment: Timestamp, interface: Int, _ direction: RecordDirection
  ) -> Bool {
    guard let message = TransportData(bytes) else { return false }
    let length = max(originalLength, bytes.byteCount)
    if sent?.matches(message, interface: interface, direction) == true {
      sent?.count(message, length, at: moment)
      return true
    }
    if received?.matches(message, interface: interface, direction) == true {
      received?.count(message, length, at: moment)
      return true
    }
    return false
  }
}

/// A frame of the plainest form that a tunnel's packet can have: Ethernet, an IPv4 header without options, no
/// fragment, lengths that agree, UDP, and a WireGuard message of transport data with its reserved bytes zero.
///
///      0      12     14    16      18    20      22    23         26          34      38       42
///     +------+------+-----+-------+-----+-------+-----+----------+-----------+-------+--------+----------+
///     | MACs | 0800 | 45  | total | id  | flags | TTL | protocol | addresses | ports | length | 04000000 |
///     +------+------+-----+-------+-----+-------+-----+----------+-----------+-------+--------+----------+
struct TransportData {
  let addresses: UInt64
  let ports: UInt32
  let isKeepalive: Bool

  @inline(__always)
  init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= 46 else { return nil }
    let total = bytes.uint16(at: 16)
    // 60: headers of IPv4 and UDP and the shortest message.
    guard bytes.uint32(at: 12) >> 8 == 0x08_0045, bytes.uint32(at: 20) & 0x3FFF_00FF == 17, total >= 60,
      bytes.uint16(at: 38) == total - 20, bytes.uint32(at: 42) == 0x0400_0000
    else { return nil }
    addresses = bytes.uint64(at: 26)
    ports = bytes.uint32(at: 34)
    isKeepalive = total == 60
  }
}

extension Auditor {
  /// Keeps the flow of a packet that was just decided, if the same decision holds for all that follow.
  ///
  /// It does where only the policy and the addresses spoke: not where the MAC address did, and not where flows seen
  /// before could have (a public source). Nor if an endpoint's address could be learned from the flow.
  mutating func keep(
    _ decision: Classifier.Decision, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, interface: Int
  ) {
    guard decision.endpoint >= 0, classifier.auditedMACs.isEmpty, !teachesNames(packet),
      frame.linkType == .ethernet, let message = TransportData(frame.bytes)
    else { return }
    let flow = SteadyFlows.Flow(message, frame, interface: interface, endpoint: decision.endpoint)
    switch decision.verdict {
    case .tunnel(.data), .tunnel(.keepalive):
      guard AddressScope(packet.source).isPrivate else { return }
      settle()
      steadyFlows.sent = flow
    case .ingress:
      settle()
      steadyFlows.received = flow
    default: break
    }
  }

  private func teachesNames(_ packet: DecodedPacket) -> Bool {
    learner.isActive && (packet.sourcePort == 53 || packet.destinationPort == 53)
  }

  /// Takes what the steady flows counted over into the tallies.
  mutating func settle() {
    if let flow = steadyFlows.sent, flow.data.frames + flow.keepalives.frames > 0 {
      interfaces[flow.interface].add(.tunnel, flow.data + flow.keepalives, over: flow.time)
      tunnels[Int(flow.endpoint)].addSent(.data, flow.data, over: flow.time)
      tunnels[Int(flow.endpoint)].addSent(.keepalive, flow.keepalives, over: flow.time)
      steadyFlows.sent?.data = Count()
      steadyFlows.sent?.keepalives = Count()
    }
    if let flow = steadyFlows.received, flow.data.frames + flow.keepalives.frames > 0 {
      interfaces[flow.interface].add(.ingress, flow.data + flow.keepalives, over: flow.time)
      tunnels[Int(flow.endpoint)].addReceived(flow.data + flow.keepalives, over: flow.time)
      steadyFlows.received?.data = Count()
      steadyFlows.received?.keepalives = Count()
    }
  }
}
