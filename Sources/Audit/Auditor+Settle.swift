import Wire

extension Auditor {
  /// Takes what the steady flows counted over into the tallies.
  mutating func settle() {
    if steadyFlows.sent.total.frames > 0 {
      let flow = steadyFlows.sent
      take(flow, .tunnel)
      tunnels[Int(flow.endpoint)].addSent(.data, flow.bulk, over: flow.time)
      tunnels[Int(flow.endpoint)].addSent(.keepalive, flow.keepalives, over: flow.time)
      // Each carries the index of the message that the flow was kept for.
      classifier.sessions[Int(flow.endpoint)].noteSentData(receiver: flow.receiver)
      noteUp(Int(flow.endpoint))
      if flow.isVerified { tunnels[Int(flow.endpoint)].addVerified(flow.total) }
      counters.note(
        interface: flow.place >> 2, receiver: flow.receiver, counter: flow.firstCounter,
        messages: UInt64(flow.total.frames), sessionWasSeen: false)
      steadyFlows.sent.empty()
    }
    if steadyFlows.received.total.frames > 0 {
      let flow = steadyFlows.received
      take(flow, .ingress)
      tunnels[Int(flow.endpoint)].addReceived(flow.total, over: flow.time)
      classifier.sessions[Int(flow.endpoint)].noteHeard(at: flow.time.last)
      steadyFlows.received.empty()
    }
    if steadyFlows.local.bulk.frames > 0 {
      let flow = steadyFlows.local
      take(flow, .local)
      localCounts[Int(flow.localKind.rawValue)] = localCounts[Int(flow.localKind.rawValue)] + flow.bulk
      if flow.localKind == .undeclared {
        undeclared.count(IPAddress(v4: UInt32(truncatingIfNeeded: flow.addresses)), flow.bulk)
      }
      steadyFlows.local.empty()
    }
  }

  private mutating func take(_ flow: SteadyFlows.Flow, _ verdictClass: VerdictClass) {
    decided += flow.total.frames
    traffic.count(verdictClass, flow.total.frames)
    interfaces[flow.place >> 2].add(verdictClass, flow.total, over: flow.time)
    if flow.foreign >= 0 { facts.add(flow.total.frames, at: Int(flow.foreign)) }
    if flow.isBelieved { classifier.noteBelieved(flow.total.frames, flow.place >> 2) }
    if flow.doubtful >= 0 { classifier.stations.addDoubts(flow.total.frames, at: Int(flow.doubtful)) }
    if flow.toward >= 0 {
      classifier.stations.addBelieved(flow.total.frames, at: Int(flow.toward), leaves: flow.leaves)
    }
  }
}
