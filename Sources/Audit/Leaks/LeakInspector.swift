import Policy
import Wire

/// Gives a leak its reason: the classifier's own, or the label of the first rule of the pack that matches.
struct LeakInspector: Sendable {
  private let source: LabelRules
  /// Made for the first leak. Not lazy: each access to a lazy property copies it whole.
  private var index: RuleIndex?
  private var contents = LeakContents()
  private var flowNames = FlowNames()

  init(_ rules: LabelRules) { source = rules }

  mutating func inspect(_ seen: borrowing Sighting, _ structure: Verdict.Structure) -> Leak {
    let text = contents.read(seen)
    let details = text.details
    let servers = details.isEmpty ? [] : details.filter { $0.kind == .serverName }.map(\.text)
    let own = ruleIndex(seen, structure, text, servers)
    let flowRule =
      structure.reason == nil ? flowRule(seen.packet, own: own, interface: seen.interface, at: seen.moment) : nil
    let rule = flowRule ?? own
    let reason = structure.reason ?? rule.flatMap { index?.rules[$0].label } ?? .other
    let isIP = seen.packet.network == .ip
    let key = Finding.Key(
      interface: seen.interface, origin: .address, reason: reason, rule: rule ?? -1,
      destination: isIP ? seen.packet.destination : nil,
      protocolNumber: isIP && seen.packet.transport != .unknownProtocol ? seen.packet.protocolNumber : nil,
      port: isIP && seen.packet.hasPorts && !seen.packet.isICMP ? seen.packet.destinationPort : nil)
    var leak = Leak(
      key: key, severity: rule.flatMap { index?.rules[$0].severity } ?? reason.severity,
      title: rule.flatMap { index?.rules[$0].title } ?? reason.explanation, source: isIP ? seen.packet.source : nil,
      questions: text.questions, details: details,
      name: text.questions.first?.name ?? servers.first,
      decodingError: seen.packet.error ?? missingMessage(seen.packet, structure),
      sourcePort: key.port == nil ? nil : seen.packet.sourcePort, lostQuestions: text.lostQuestions)
    leak.isNamedByFlow = flowRule != nil
    return leak
  }

  /// Whether the packet says nothing and gets the same rule as the flow's others.
  mutating func repeats(
    _ seen: borrowing Sighting, _ structure: Verdict.Structure, _ flow: KnownFlows.LeakPart
  ) -> Bool {
    guard contents.isSilent(seen) else { return false }
    let rule = Int(flow.rule)
    guard mayBeNamed(seen.packet, structure), let form = seen.packet.form(seen.frame),
      form.number == Int(flow.form)
    else { return (ruleIndex(seen, structure, ClearText(), []) ?? -1) == rule }
    return index?.repeats(
      rule, seen.packet.packetBytes(seen.frame), originalLength: Int(seen.packet.packetLength), form: form,
      label: structure.reason) ?? false
  }

  /// Whether no earlier packet of the flow affects what its later packets are.
  func isQuiet(_ packet: DecodedPacket, interface: Int) -> Bool {
    guard let flow = FlowKey(packet) else { return false }
    let key = RecentFlowKey(interface: interface, flow: flow)
    return !flowNames.knows(key) && !contents.isReading(key)
  }

  private mutating func flowRule(_ packet: DecodedPacket, own: Int?, interface: Int, at moment: Timestamp) -> Int? {
    guard packet.network == .ip else { return nil }
    return flowNames.rule(
      packet, own: own, namesFlow: own.flatMap { index?.rules[$0].namesFlow } ?? false, interface: interface, at: moment
    )
  }

  /// The headers were whole, but too little was captured to decide: after them, only WireGuard's own first word is
  /// needed.
  private func missingMessage(_ packet: DecodedPacket, _ structure: Verdict.Structure) -> WireError? {
    guard structure == .undecodable else { return nil }
    return .truncated(.wireGuard, needed: 4, available: max(0, Int(packet.packetEnd - packet.payloadOffset)))
  }

  /// Whether rules may name a leak: one without a structural reason. For structural reasons that are labels too (`dot`,
  /// `doq`, `multicast`), a rule with that label lends its severity and title.
  private func mayBeNamed(_ packet: DecodedPacket, _ structure: Verdict.Structure) -> Bool {
    packet.network == .ip && structure.reason.map(LeakReason.labels.contains) ?? true
  }

  private mutating func ruleIndex(
    _ seen: borrowing Sighting, _ structure: Verdict.Structure, _ text: ClearText,
    _ servers: [String]
  ) -> Int? {
    guard mayBeNamed(seen.packet, structure) else { return nil }
    // With an encrypted hello only the outer name is known; most browsers send what looks like such a hello everywhere.
    let named =
      text.details.isEmpty ? [] : servers + text.details.filter { $0.kind == .encryptedHello }.map(\.text)
    if index == nil { index = RuleIndex(source.list) }
    return index?.first(
      seen.packet.packetBytes(seen.frame), originalLength: Int(seen.packet.packetLength),
      form: seen.packet.form(seen.frame),
      label: structure.reason, servers: named, questions: text.questions)
  }
}

extension DecodedPacket {
  /// What the rule index uses; nil for all but the plainest packets.
  func form(_ frame: borrowing CapturedFrame) -> RuleIndex.Form? {
    let isTCP = protocolNumber == .tcp
    guard isTCP || protocolNumber == .udp, transport == .header, fragment == .whole,
      frame.bytes.byteCount >= Int(payloadOffset)
    else { return nil }
    let headers = Int(transportOffset - networkOffset)
    guard source.isIPv4 ? headers == 20 : headers == 40 else { return nil }
    // The decoder takes a length of zero for "to the end", a filter does not.
    let length = Int(frame.bytes.uint16(at: Int(networkOffset) + (source.isIPv4 ? 2 : 4)))
    let header = Int(payloadOffset - transportOffset)
    return RuleIndex.Form(
      isIPv6: !source.isIPv4, isTCP: isTCP, headerLength: header, sourcePort: sourcePort,
      destinationPort: destinationPort,
      isMidStream: isTCP && isOrdinary && length > (source.isIPv4 ? headers : 0) + header)
  }
}
