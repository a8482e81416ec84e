import Policy
import Wire

extension Auditor {
  /// What the reader of a summary should know, although it makes no audit incomplete.
  func notices(_ counts: ClassCounts, knowsPackets: Bool) -> [AuditSummary.Notice] {
    var notices: [AuditSummary.Notice] = []
    if counts[.tunnel].frames == 0, counts.total.frames > 0 {
      notices.append(
        .init(.noTunnel, "No tunnel packet was seen: this shows what leaked, not that the VPN works."))
    }
    if interfaces.count > 1 {
      let packets =
        knowsPackets
        ? "a leak that bridge and NIC both showed is one packet"
        : "which of the leaks are the same packets is known only between bridges and one NIC that are named with --role"
      notices.append(
        .init(.severalInterfaces, "Frames are counted on each of the \(interfaces.count) interfaces; \(packets)."))
    }
    for index in interfaces.indices {
      guard let bridge = ports.bridge(of: index, interfaces) else { continue }
      notices.append(
        .init(
          .bridgePort,
          "\(interfaces[index].name) is a port of \(interfaces[bridge].name): its frames are counted on both, and not joined."
        ))
    }
    for inside in insides() {
      notices.append(
        .init(
          .tunnelInside,
          "\(inside.name): \(inside.count.frames) frames are the tunnel's inside, before or after encryption; they count as ingress.",
          count: inside.count.frames))
    }
    for stated in policy.endpoints where stated.value.shape == .lwo {
      let what =
        stated.value.publicKey == nil
        ? "LWO's format cannot be checked without the peer's public key, so nothing counts as tunnel; give its wg0.conf"
        : "only the header of LWO's messages was checked; sessions cannot be followed"
      notices.append(.init(.shapeNotChecked, "\(stated.value.endpoint): \(what) (\(stated.origin))."))
    }
    for stated in policy.endpoints {
      let what: String
      switch stated.value.shape {
      case .any: what = "WireGuard's format was not checked"
      case .anyReserved: what = "reserved bytes were not checked"
      case .openVPN:
        what =
          "OpenVPN was recognized only by address, port and protocol, which is less certain than WireGuard's format"
      case .wireGuard, .amneziaWG, .lwo: continue
      }
      notices.append(.init(.shapeNotChecked, "\(stated.value.name): \(what) (\(stated.origin))."))
    }
    for (index, rule) in policy.allowRules.enumerated() {
      if ledger.expired[index] > 0, let expires = rule.expires {
        notices.append(
          .init(
            .expiredAllowRule,
            "Allow rule \(rule.id) expired on \(expires.text) and no longer allowed \(ledger.expired[index]) leaking "
              + "frames (\(rule.origin)).", count: ledger.expired[index]))
      } else if ledger.rules[index].frames == 0 {
        notices.append(.init(.unusedAllowRule, "Allow rule \(rule.id) matched nothing\(why(rule)) (\(rule.origin))."))
      }
    }
    notices += notes.facts.notices(nearQueries: notes.hostLookups.nearQueries)
    for (index, interface) in interfaces.enumerated() where index < classifier.surroundings.count {
      let believed = classifier.surroundings[index].believed
      guard believed > 0 else { continue }
      notices.append(
        .init(
          .directionBelieved,
          "\(interface.name): \(believed) frames counted as ingress by their addresses, which anyone can forge: nothing "
            + "better showed their direction. State it with --role, or the audited side's MAC address with --audited.",
          count: believed))
    }
    if !learner.believed.isEmpty {
      notices.append(
        .init(
          .directionBelieved,
          "The DNS answer in frame \(learner.believed[0]) was assumed to come from outside: nothing shows its direction.",
          count: learner.believed.count))
    }
    if classifier.served.unproven > 0 {
      notices.append(
        .init(
          .olderSessions,
          "\(classifier.served.unproven) packets of the WireGuard server belong to sessions that are older than the audit: "
            + "their peers connected earlier, but no handshake was seen.", count: classifier.served.unproven))
    }
    if ledger.orphanFragments > 0 {
      notices.append(
        .init(
          .orphanFragments,
          "\(ledger.orphanFragments) later fragments came without their first; their addresses decided."))
    }
    if leaks.findings.mergedLeaks.total > 0 {
      notices.append(
        .init(
          .mergedFindings,
          "More than \(Findings.limit) kinds of leak of one severity: for \(leaks.findings.mergedLeaks.total) frames only reason "
            + "and severity are known (\(leaks.findings.mergedLeaks.text()))."))
    }
    return notices
  }

  /// Why a rule that names a container may have matched nothing.
  private func why(_ rule: AllowRule) -> String {
    let alike = origins.directory.alike(rule.containers)
    return alike.isEmpty
      ? ""
      : ": packets of \(WordedList.quoted(alike)) look the same as those of \(WordedList.quoted(rule.containers)), so it "
        + "must name all of them"
  }
}
