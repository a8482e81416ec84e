import Policy
import Wire

/// Packets of flows that are known already.
extension Auditor {
  /// Counts a frame if its verdict is known. False leaves it to the classifier.
  @inline(__always)
  mutating func countKnown<Observer: FrameObserver & ~Copyable>(
    _ frame: borrowing CapturedFrame, interface: Int, _ observer: inout Observer
  ) -> Bool {
    switch flows.count(
      frame.bytes, frame.linkType, originalLength: frame.originalLength, at: frame.timestamp, interface: interface,
      frame.recordDirection, &counters)
    {
    case .unknown: return false
    case .counted: break
    case .leak(let position):
      guard !observer.wantsFrame(of: flows[position].severity),
        countKnownLeak(frame, at: position, interface: interface)
      else { return false }
    }
    decided &+= 1
    if flows.isFull { settle() }
    return true
  }

  /// Counts one more leak of a flow: one that says nothing, is named as the flow's others are, and is nobody's answer.
  ///
  /// What was found of the flow stands; whatever a packet can change is asked of each.
  @inline(never)
  private mutating func countKnownLeak(_ frame: borrowing CapturedFrame, at position: Int, interface: Int) -> Bool {
    let flow = flows[position]
    let packet = PacketDecoder.decode(frame)
    guard case .leak(let structure) = flow.kind, packet.isOrdinary,
      inspector.repeats(packet, frame, structure, rule: Int(flow.rule))
    else { return false }
    switch interfaces[interface].role {
    case .bridge:
      if hostLookups.mayBeUsed(packet.destination, at: frame.timestamp) { return false }
      // The NIC's capture may be attached only with its first frame.
      join.remember(packet, frame, finding: flow.finding)
    case .nic:
      guard !audits(.bridge) || (join.finding(of: packet, frame) ?? -1) == flow.joined else { return false }
    case nil: break
    }
    let length = max(frame.originalLength, frame.bytes.byteCount)
    _ = windows.count(length, at: frame.timestamp, tunnelMoment)
    flows.countLeak(length, at: position, frame.timestamp, frame: frames + 1)
    return true
  }

  /// Keeps the flow of a leak that was just counted, where all that is like it is one more of the same.
  mutating func keepLeak(
    _ leak: Leak, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ decision: Classifier.Decision,
    interface: Int, foreign: Int
  ) {
    guard case .leak(let structure) = decision.verdict, let finding = leak.finding else { return }
    switch structure {
    case .undecodable, .fragment, .notWireGuard, .dns: return
    case .endpointBypass, .tunnelAddress, .tunnelDestination, .dot, .doq, .multicast, .unnamed: break
    }
    guard isSteady(packet, frame, decision, interface: interface) else {
      // What packets say is followed by their five-tuple, over whichever stations they go.
      return flows.drop(like: packet, interface: interface)
    }
    guard !decision.isForeign || foreign >= 0,
      let flow = PlainPacket(frame.bytes, frame.linkType, interface: interface, frame.recordDirection)?.flow
    else { return }
    var known = KnownFlows.Flow(flow, .leak(structure), at: frame.timestamp)
    known.rule = Int32(truncatingIfNeeded: leak.key.rule)
    known.finding = Int32(truncatingIfNeeded: finding)
    known.joined = Int32(truncatingIfNeeded: leak.continued ?? -1)
    known.severity = leak.severity
    known.foreign = Int32(truncatingIfNeeded: foreign)
    known.isOnBridge = interfaces[interface].role == .bridge
    let position = flows.place(for: flow)
    if let old = flows.takeUnsettled(at: position) { settle(old, at: position) }
    flows.keep(known, at: position, leak: tellsRepeats ? leak : nil)
  }

  /// Whether addresses and ports alone made the packet a leak, and neither rules nor what came before may say otherwise of
  /// those that follow.
  private func isSteady(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ decision: Classifier.Decision, interface: Int
  ) -> Bool {
    guard packet.isOrdinary, decision.isCertain, packet.destinationPort != 53, packet.destinationPort != 67 else {
      return false
    }
    return looksAtNothing(packet) && classifier.allowRules.isEmpty && !tenants.isActive
      && !circumstances.published.contains(packet.sourcePort, packet.protocolNumber)
      && inspector.isQuiet(packet, interface: interface)
      && directory.victim(packet, frame, interfaces[interface].role) == nil
  }

  /// Leaks that were counted with others of their flow since they were last taken.
  public mutating func takeRepeats() -> [LeakRepeat] {
    defer { repeats.removeAll(keepingCapacity: true) }
    return repeats
  }
}

/// Leaks of one flow that are like one before.
public struct LeakRepeat: Sendable {
  public let leak: Leak
  public let count: Count
  public let time: Span
  /// The first of them, counted from 1 over the whole audit.
  public let frame: Int
}

extension DecodedPacket {
  /// Neither begins nor ends a connection, and carries something.
  var isOrdinary: Bool {
    guard transport == .header, fragment == .whole, payloadLength > 0 else { return false }
    // URG, RST, SYN, FIN (RFC 9293 section 3.1).
    return protocolNumber == .udp || protocolNumber == .tcp && flagsOrType & 0x27 == 0
  }
}
