import Policy
import Wire

/// Names leaks, and counts them in their findings.
extension Auditor {
  /// Counts a leak under the destination that makes it one.
  @inline(never)
  mutating func recordLeak(
    _ structure: Verdict.Structure, _ decision: Classifier.Decision, _ seen: borrowing Sighting
  ) -> Leak {
    guard decision.hop >= 0 else { return countLeak(structure, decision, seen) }
    let destination = SourceRoute(seen.packet, seen.frame)[Int(decision.hop)]
    return countLeak(structure, decision, seen.routed(to: destination))
  }

  private mutating func countLeak(
    _ structure: Verdict.Structure, _ decision: Classifier.Decision, _ seen: borrowing Sighting
  ) -> Leak {
    let length = seen.length
    if decision.finding >= 0 {
      leaks.findings.countFragment(of: Int(decision.finding), at: seen.moment, length: length)
      var leak = Leak(fragmentOf: leaks.findings.list[Int(decision.finding)], source: seen.packet.source)
      let bridge = leaks.findings.list[Int(decision.finding)].otherSide
      if seen.role == .nic, bridge >= 0 {
        leaks.findings.join(Int(decision.finding), to: Int(bridge), seen.count)
      }
      leak.isOwnPacket = roles.knowsPackets(on: seen.role) ? seen.role != .nic || bridge < 0 : nil
      leak.frameInFile = ledger.frameInFile > 0 ? ledger.frameInFile : nil
      leak.phase = leaks.windows.count(
        length, at: seen.moment, tunnelMoment, isOwnPacket: leak.isOwnPacket != false)
      leak.length = length
      return leak
    }
    var leak = leaks.inspector.inspect(seen, structure)
    leak.frameInFile = ledger.frameInFile > 0 ? ledger.frameInFile : nil
    let bridgeFinding = attribute(&leak, seen)
    noteVictim(seen)
    leak.length = length
    leak.phase = leaks.windows.count(length, at: seen.moment, tunnelMoment, isOwnPacket: bridgeFinding == nil)
    leak.apply(leaks.circumstances.nature(seen, structure, phase: leak.phase))
    noteFact(of: leak, seen)
    if decision.isOrphan { ledger.orphanFragments += 1 }
    if !classifier.allowRules.isEmpty, seen.packet.network == .ip {
      for rule in classifier.allowRules.expiredMatches(seen) { ledger.expired[rule] += 1 }
    }
    leak.isOwnPacket = roles.knowsPackets(on: seen.role) ? bridgeFinding == nil : nil
    let finding = leaks.findings.count(leak, at: seen.moment, length: length)
    leak.finding = finding
    leak.continued = bridgeFinding
    if let bridgeFinding {
      leaks.findings.join(finding, to: bridgeFinding, seen.count, source: seen.packet.source)
    } else if seen.role == .bridge {
      origins.join.remember(seen, finding: Int32(truncatingIfNeeded: finding))
    }
    if seen.packet.fragment == .first {
      classifier.remember(
        finding: Int32(truncatingIfNeeded: finding), of: seen, decision)
    }
    // Without this, the leak is copied and destroyed: its texts are retained and released for each frame.
    return consume leak
  }

  /// Names a leak that is counted elsewhere.
  mutating func inspect(_ seen: borrowing Sighting, _ structure: Verdict.Structure) -> Leak {
    var leak = leaks.inspector.inspect(seen, structure)
    leak.frameInFile = ledger.frameInFile > 0 ? ledger.frameInFile : nil
    _ = attribute(&leak, seen)
    leak.length = seen.length
    return leak
  }
}
