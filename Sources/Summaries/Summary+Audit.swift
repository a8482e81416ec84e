package import Audit
import Policy
import Wire

/// A summary of what the auditor has counted.
extension Summary {
  /// The greatest loss that is reported. A capture may claim any number of losses, and counters may be forged; `report`
  /// must still be able to read the summary together with others.
  private static var mostLost: UInt64 { 1 << 40 }

  package init(_ audit: AuditSummary) {
    let counts = audit.counts
    conclusion = audit.conclusion
    frames = counts.total.frames
    tunnel = counts[.tunnel].frames
    local = counts[.local].frames
    leak = counts[.leak].frames
    allowed = counts[.allowed].frames
    ingress = counts[.ingress].frames
    failingLeaks = audit.failingLeaks
    tunnelPackets = audit.tunnelPackets
    localPackets = audit.localPackets
    allowedPackets = audit.allowedPackets
    leakPackets = audit.leakPackets
    failOn = audit.failOn
    scope = audit.scope
    bytes = Classes(bytes: counts)
    first = audit.time?.first.inMicroseconds
    last = audit.time?.last.inMicroseconds
    leaks = audit.findings.map { LeakEntry($0, audit) }
    leakWindows = Windows(audit.windows, knowsPackets: audit.windows.packets == audit.leakPackets)
    traffic = Traffic(audit.traffic)
    timeline = audit.timeline.events.map { Event(time: $0.time.inMicroseconds, kind: $0.kind, text: $0.text) }
    timelineOthers = audit.timeline.others
    capture = audit.capture.map { Capture(received: $0.received, droppedByKernel: $0.dropped) }
    controlFrames = audit.controls.map {
      Control(interface: audit.interfaces[$0.interface].name, verdict: $0.verdict?.verdictClass)
    }
    interfaces = zip(audit.interfaces, audit.missedMessages).map { Interface($0, missed: min($1, Self.mostLost)) }
    tunnelStates = audit.tunnels.map(TunnelState.init)
    served = Amount(frames: audit.served.frames, bytes: audit.served.bytes)
    localKinds = audit.local.map { Counted(name: LocalSpace($0.kind), frames: $0.count.frames, bytes: $0.count.bytes) }
    undeclared = audit.undeclared.map {
      Counted(name: .prefix($0.prefix), frames: $0.count.frames, bytes: $0.count.bytes)
    }
    if audit.undeclaredOthers.frames > 0 {
      undeclared.append(
        Counted(name: .further, frames: audit.undeclaredOthers.frames, bytes: audit.undeclaredOthers.bytes))
    }
    allowedBy = audit.allowed.map {
      AllowedEntry(
        name: $0.name, reason: $0.reason, origin: $0.origin, frames: $0.count.frames, bytes: $0.count.bytes)
    }
    notices = audit.notices.map {
      Notice(
        kind: $0.kind, text: $0.text, count: $0.count, first: $0.first?.inMicroseconds,
        names: $0.names.isEmpty ? nil : $0.names)
    }
    incomplete = audit.incomplete
    remedies = audit.gaps.isEmpty ? nil : audit.gaps.map { Remedy(reason: $0.text, action: $0.action) }
    policy = PolicyDocument(audit.policy, isInferred: audit.isPolicyInferred)
    host = audit.host
    unshown = unshown(of: audit)
  }
}

extension Summary.Classes {
  fileprivate init(bytes counts: ClassCounts) {
    self.init(
      frames: counts.total.bytes, tunnel: counts[.tunnel].bytes, local: counts[.local].bytes,
      leak: counts[.leak].bytes, allowed: counts[.allowed].bytes, ingress: counts[.ingress].bytes)
  }
}

extension Summary.Windows {
  /// At the end, when all flows are known, findings count packets again. Windows state packets only if both counts
  /// agree.
  fileprivate init(_ windows: LeakWindows, knowsPackets: Bool) {
    self.init(
      beforeHandshake: .init(windows.beforeHandshake, knowsPackets), whileUp: .init(windows.whileUp, knowsPackets),
      afterLast: .init(windows.afterLast, knowsPackets),
      beforeNewHandshake: .init(windows.beforeNewHandshake, knowsPackets))
  }
}

extension Summary.Window {
  fileprivate init(_ window: LeakWindows.Window, _ knowsPackets: Bool) {
    self.init(
      frames: window.count.frames, packets: knowsPackets ? window.packets : nil, bytes: window.count.bytes,
      first: window.time?.first.inMicroseconds,
      last: window.time?.last.inMicroseconds, milliseconds: Double(window.duration) / 1_000_000)
  }
}

extension Summary.Interface {
  fileprivate init(_ tally: InterfaceTally, missed: UInt64) {
    self.init(
      name: tally.name, linkType: tally.linkType, role: tally.role, frames: tally.counts.total.frames,
      tunnel: tally.counts[.tunnel].frames, local: tally.counts[.local].frames, leak: tally.counts[.leak].frames,
      allowed: tally.counts[.allowed].frames, ingress: tally.counts[.ingress].frames,
      bytes: Summary.Classes(bytes: tally.counts), drops: min(tally.drops, Summary.mostLost), missedMessages: missed,
      first: tally.time?.first.inMicroseconds, last: tally.time?.last.inMicroseconds,
      seen: tally.sight.map { sight in
        Summary.union(sight.spans.map { Summary.Part(from: $0.first.inMicroseconds, to: $0.last.inMicroseconds) })
      })
  }
}

extension Summary.LeakEntry {
  fileprivate init(_ finding: Finding, _ audit: AuditSummary) {
    let onNIC = finding.sourcesOnNIC.elements
    let sentBy = finding.senders.elements.map(LeakSenderEntry.init).sorted(by: LeakSenderEntry.isBefore)
    self.init(
      reason: finding.key.reason, severity: finding.severity, title: finding.title,
      interface: audit.interfaces[finding.key.interface].name, origin: Summary.Owner(finding.key.origin),
      isApart: !audit.isInScope(finding), fate: finding.fate, escapedFrames: finding.escaped.frames,
      rule: finding.key.rule >= 0 ? audit.policy.labelRules[finding.key.rule].id : nil,
      family: finding.key.destination.map { $0.isIPv4 ? .ipv4 : .ipv6 }, protocol: finding.key.protocolNumber,
      destination: finding.key.destination, port: finding.key.port, sources: finding.sources.elements,
      questions: finding.questions.elements.map(Summary.Question.init),
      details: finding.details.elements.map(LeakDetailEntry.init), sentBy: sentBy.isEmpty ? nil : sentBy,
      abridged: [
        finding.sources.isIncomplete ? .sources : nil, finding.questions.isIncomplete ? .questions : nil,
        finding.details.isIncomplete ? .details : nil, finding.senders.isIncomplete ? .sentBy : nil,
      ].compactMap(\.self), decodingError: finding.decodingError?.description, frames: finding.count.frames,
      bytes: finding.count.bytes, packets: audit.leakPackets == nil ? nil : finding.packets,
      sourcesOnNIC: onNIC.isEmpty ? nil : onNIC, first: finding.time.first.inMicroseconds,
      last: finding.time.last.inMicroseconds, firstFrame: finding.firstFrame)
  }
}

extension Summary.TunnelState {
  fileprivate init(_ tunnel: AuditSummary.Tunnel) {
    let tally = tunnel.tally
    let kinds = TunnelKind.allCases.filter { tally[$0].frames > 0 }
    self.init(
      endpoint: EndpointName(tunnel.endpoint.value), origin: tunnel.endpoint.origin,
      shape: tunnel.endpoint.value.shape, state: tally.state,
      sent: Dictionary(uniqueKeysWithValues: kinds.map { ($0, tally[$0].frames) }), sentFrames: tally.sent.frames,
      sentBytes: tally.sent.bytes, receivedFrames: tally.received.frames, receivedBytes: tally.received.bytes,
      responses: tally.responses, verifiedFrames: tally.verified.frames, grade: tunnel.grade,
      foreignInitiations: tally.foreignInitiations, firstHandshake: tally.firstHandshake?.inMicroseconds,
      first: tally.sentTime?.first.inMicroseconds, last: tally.sentTime?.last.inMicroseconds)
  }
}
