import Audit
import Wire

/// Redacts each value by its type. The initialisers name all fields: if a new field is forgotten here, the code does
/// not compile or, for an optional field, the field is left out.
extension Summary {
  /// The redacted summary. `titles` redacts the titles of rules: it does not look for names that only the wire knows.
  package func redacted<R: Redaction>(by redaction: R, titlesBy titles: R) -> Self {
    Self(
      schema: schema, audits: audits, conclusion: conclusion, frames: frames, tunnel: tunnel, local: local, leak: leak,
      allowed: allowed, ingress: ingress, failingLeaks: failingLeaks, tunnelPackets: tunnelPackets,
      localPackets: localPackets, allowedPackets: allowedPackets,
      leakPackets: leakPackets, failOn: failOn, scope: scope, bytes: bytes, first: first, last: last,
      leaks: leaks.map { $0.redacted(by: redaction, titlesBy: titles) }, leakWindows: leakWindows, traffic: traffic,
      timeline: timeline.map { Event(time: $0.time, kind: $0.kind, text: redaction.scrub($0.text)) },
      timelineOthers: timelineOthers, capture: capture,
      controlFrames: controlFrames.map { Control(interface: redaction.word($0.interface), verdict: $0.verdict) },
      interfaces: interfaces.map { $0.redacted(by: redaction) },
      tunnelStates: tunnelStates.map { $0.redacted(by: redaction) }, served: served, localKinds: localKinds,
      undeclared: undeclared.map { Counted(name: $0.name.redacted(by: redaction), frames: $0.frames, bytes: $0.bytes) },
      allowedBy: allowedBy.map {
        AllowedEntry(
          name: redaction.word($0.name), reason: $0.reason.map(redaction.scrub), origin: $0.origin.map(redaction.word),
          frames: $0.frames, bytes: $0.bytes)
      },
      notices: notices.map {
        Notice(
          kind: $0.kind, text: redaction.scrub($0.text), count: $0.count, first: $0.first,
          names: $0.names?.map(redaction.name))
      }, incomplete: incomplete.map(redaction.scrub),
      remedies: remedies?.map { Remedy(reason: redaction.scrub($0.reason), action: redaction.scrub($0.action)) },
      policy: policy.redacted(by: redaction), host: nil,
      captures: captures?.map { CaptureFile(name: redaction.word($0.name), bytes: $0.bytes, sha256: $0.sha256) })
  }
}

extension Summary.LeakEntry {
  fileprivate func redacted<R: Redaction>(by redaction: R, titlesBy titles: R) -> Self {
    Self(
      reason: reason, severity: severity, title: titles.scrub(title), interface: redaction.word(interface),
      origin: origin?.redacted(by: redaction), isApart: isApart, fate: fate, escapedFrames: escapedFrames,
      rule: rule.map(redaction.word), family: family, protocol: self.protocol,
      destination: destination.map(redaction.address), port: port, sources: sources.map(redaction.address),
      questions: questions.map { Summary.Question(name: redaction.name($0.name), type: $0.type) },
      details: details.map { LeakDetailEntry(redaction.detail(LeakDetail($0.kind, $0.text))) },
      sentBy: sentBy?.map { $0.redacted(by: redaction) }, abridged: abridged,
      decodingError: decodingError.map(redaction.scrub), frames: frames, bytes: bytes, packets: packets,
      sourcesOnNIC: sourcesOnNIC?.map(redaction.address), first: first, last: last,
      firstFrame: firstFrame)
  }
}

extension Summary.Interface {
  fileprivate func redacted(by redaction: some Redaction) -> Self {
    Self(
      name: redaction.word(name), linkType: linkType, role: role, frames: frames, tunnel: tunnel, local: local,
      leak: leak, allowed: allowed, ingress: ingress, bytes: bytes, drops: drops, missedMessages: missedMessages,
      first: first, last: last, seen: seen)
  }
}

extension Summary.TunnelState {
  fileprivate func redacted(by redaction: some Redaction) -> Self {
    Self(
      endpoint: EndpointName(redaction.endpoint(endpoint.endpoint), over: endpoint.transport),
      origin: redaction.word(origin), shape: shape, state: state, sent: sent, sentFrames: sentFrames,
      sentBytes: sentBytes, receivedFrames: receivedFrames, receivedBytes: receivedBytes, responses: responses,
      verifiedFrames: verifiedFrames, grade: grade, foreignInitiations: foreignInitiations,
      firstHandshake: firstHandshake, first: first, last: last)
  }
}

extension Summary.Owner {
  fileprivate func redacted(by redaction: some Redaction) -> Self {
    switch self {
    case .host, .bridge: self
    case .containers(let names): .containers(names.map(redaction.word))
    }
  }
}

extension UndeclaredSpace {
  fileprivate func redacted(by redaction: some Redaction) -> Self {
    switch self {
    case .prefix(let prefix): .prefix(redaction.prefix(prefix))
    case .further: .further
    }
  }
}
