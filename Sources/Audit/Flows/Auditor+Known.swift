import Policy
import Wire

/// Counts packets of flows that are already known.
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
    case .counted(let verdictClass): ledger.traffic.count(verdictClass, 1)
    case .leak(let position):
      guard !observer.wantsFrame(of: flows.leakPart(at: position).severity),
        countKnownLeak(frame, at: position, interface: interface)
      else { return false }
      ledger.traffic.count(.leak, 1)
    }
    ledger.frames &+= 1
    if flows.isFull { settle() }
    return true
  }

  /// Counts one more leak of a flow: one whose content says nothing, that is named like the flow's others, and that
  /// answers nobody.
  ///
  /// What was found for the flow still holds; whatever a single packet can change is checked for each packet.
  @inline(never)
  private mutating func countKnownLeak(_ frame: borrowing CapturedFrame, at position: Int, interface: Int) -> Bool {
    let flow = flows.leakPart(at: position)
    let seen = Sighting(PacketDecoder.decode(frame), copy frame, at: Place(interface, interfaces[interface].role))
    guard case .leak(let structure) = flows.kind(at: position), seen.packet.isOrdinary,
      leaks.inspector.repeats(seen, structure, flow)
    else { return false }
    switch seen.role {
    case .bridge:
      if notes.hostLookups.mayBeUsed(seen.packet.destination, at: seen.moment) { return false }
      // The NIC's capture may be attached only with its first frame.
      origins.join.remember(seen, finding: flow.finding)
    case .nic:
      guard !audits(.bridge) || (origins.join.finding(of: seen) ?? -1) == flow.joined else { return false }
    case nil: break
    }
    _ = leaks.windows.count(
      seen.length, at: seen.moment, tunnelMoment, isOwnPacket: seen.role != .nic || flow.joined < 0)
    flows.countLeak(seen.length, at: position, seen.moment, frame: frames + 1)
    return true
  }

  /// Keeps the flow of a leak that was just counted, if each similar packet is one more of the same.
  mutating func keepLeak(
    _ leak: borrowing Leak, _ seen: borrowing Sighting, _ decision: Classifier.Decision, foreign: Int
  ) {
    guard case .leak(let structure) = decision.verdict, let finding = leak.finding, !leak.isNamedByFlow else { return }
    switch structure {
    case .undecodable, .fragment, .notWireGuard, .dns: return
    case .endpointBypass, .tunnelAddress, .tunnelDestination, .dot, .doq, .multicast, .unnamed: break
    }
    guard isSteady(seen, decision) else {
      // Contents are followed by the packets' five-tuple, whichever stations they pass.
      return flows.drop(like: seen.packet, interface: seen.interface)
    }
    guard !decision.isForeign || foreign >= 0,
      let flow = PlainPacket(
        seen.frame.bytes, seen.frame.linkType, interface: seen.interface, seen.frame.recordDirection)?.flow
    else { return }
    var known = KnownFlows.Flow(flow, .leak(structure), at: seen.moment)
    known.leak.rule = Int32(truncatingIfNeeded: leak.key.rule)
    known.leak.form = Int8(truncatingIfNeeded: seen.packet.form(seen.frame)?.number ?? -1)
    known.leak.finding = Int32(truncatingIfNeeded: finding)
    known.leak.joined = Int32(truncatingIfNeeded: leak.continued ?? -1)
    known.leak.severity = leak.severity
    known.foreign = Int32(truncatingIfNeeded: foreign)
    known.isOnBridge = seen.role == .bridge
    let position = makePlace(for: flow)
    flows.keep(known, at: position)
    if reportsRepeats { flows.keep(leak, at: position) }
  }

  /// Whether addresses and ports alone made the packet a leak, and neither rules nor earlier packets can decide
  /// otherwise for the packets that follow.
  private func isSteady(_ seen: borrowing Sighting, _ decision: Classifier.Decision) -> Bool {
    guard seen.packet.isOrdinary, decision.isCertain, seen.packet.destinationPort != 53,
      seen.packet.destinationPort != 67
    else {
      return false
    }
    return looksAtNothing(seen.packet) && classifier.allowRules.isEmpty && !origins.nicGateways.isActive
      && !leaks.circumstances.published.contains(seen.packet.sourcePort, seen.packet.protocolNumber)
      && leaks.inspector.isQuiet(seen.packet, interface: seen.interface)
      && origins.directory.victim(seen) == nil
  }

  /// Takes the leaks that were counted with others of their flow since the last call.
  public mutating func takeRepeats() -> [LeakRepeat] {
    defer { leaks.repeats.removeAll(keepingCapacity: true) }
    return leaks.repeats
  }
}

/// Further leaks of one flow that are like an earlier one.
public struct LeakRepeat: Sendable {
  public let leak: Leak
  public let count: Count
  public let time: Span
  /// The first of them, counted from 1 over the whole audit.
  public let frame: Int
}

extension DecodedPacket {
  /// Whether the packet carries something and neither begins nor ends a connection.
  var isOrdinary: Bool {
    guard transport == .header, fragment == .whole, payloadLength > 0 else { return false }
    // URG, RST, SYN, FIN (RFC 9293 section 3.1).
    return protocolNumber == .udp || protocolNumber == .tcp && flagsOrType & 0x27 == 0
  }
}
