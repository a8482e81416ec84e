import Policy
import Wire

/// Finds out endpoints that the policy leaves open: the addresses of endpoints given by name, from DNS
/// answers to questions that were seen asked, and, with no policy at all, endpoints from handshakes.
struct EndpointLearner: Sendable {
  /// Whether there is anything to learn; nothing here runs per frame otherwise.
  let isActive: Bool
  let infersFromHandshakes: Bool
  private let names: [NamedEndpoint]
  /// Endpoints given by name that no answer gave an address yet.
  private(set) var unanswered: [Stated<NamedEndpoint>]
  /// Questions on their way, newest last: an answer nobody asked for teaches nothing.
  private var questions: [Question] = []

  private struct Question: Hashable, Sendable {
    var flow: FlowKey
    var identifier: UInt16
  }

  static var maximumQuestions: Int { 16 }
  /// More peers than a policy file would list; a capture full of forged handshakes ends here.
  static var maximumEndpoints: Int { 64 }

  init(_ policy: TunnelPolicy, infersFromHandshakes: Bool) {
    names = policy.namedEndpoints.map(\.value)
    unanswered = policy.namedEndpoints
    self.infersFromHandshakes = infersFromHandshakes
    isActive = infersFromHandshakes || !names.isEmpty
  }

  /// Endpoints that the packet teaches, with their origin.
  mutating func learn(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ verdict: Verdict, frameNumber: Int,
    known: Int
  ) -> [Stated<TunnelEndpoint>] {
    guard packet.network == .ip, packet.protocolNumber == .udp, packet.transport == .header,
      packet.fragment != .later, known < Self.maximumEndpoints
    else { return [] }
    if !names.isEmpty, packet.destinationPort == 53 || packet.sourcePort == 53 {
      return learnAddress(packet, frame, frameNumber: frameNumber)
    }
    guard infersFromHandshakes, verdict.verdictClass == .leak || verdict.verdictClass == .local else { return [] }
    let payload = packet.payload(frame)
    guard payload.byteCount >= 4,
      WireGuardMessage(firstWord: payload.uint32(at: 0), payloadLength: Int(packet.payloadLength)) == .initiation
    else { return [] }
    let endpoint = Endpoint(address: packet.destination, port: packet.destinationPort)
    return [Stated(TunnelEndpoint(endpoint), origin: "inferred from the handshake in frame \(frameNumber)")]
  }

  private mutating func learnAddress(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, frameNumber: Int
  ) -> [Stated<TunnelEndpoint>] {
    let payload = packet.payload(frame)
    guard let message = DNSQuestions(message: payload), let flow = FlowKey(packet) else { return [] }
    if packet.destinationPort == 53, !message.isResponse {
      guard message.list.contains(where: { question in names.contains { Self.same($0.name, question.name) } })
      else { return [] }
      if questions.count >= Self.maximumQuestions { questions.removeFirst() }
      questions.append(Question(flow: flow, identifier: message.identifier))
      return []
    }
    let asked = Question(flow: flow.reversed, identifier: message.identifier)
    guard packet.sourcePort == 53, questions.contains(asked), let answers = DNSAnswers(message: payload)
    else { return [] }
    if !answers.addresses.isEmpty {
      unanswered.removeAll { Self.same($0.value.name, answers.question.name) }
    }
    return names.filter { Self.same($0.name, answers.question.name) }.flatMap { named in
      answers.addresses.map { address in
        let endpoint = Endpoint(address: address, port: named.port)
        return Stated(
          TunnelEndpoint(endpoint, shape: named.shape, publicKey: named.publicKey),
          origin: "DNS answer for \(named.name) in frame \(frameNumber)")
      }
    }
  }

  private static func same(_ name: String, _ question: String) -> Bool { NamePattern.covers(name, question) }
}
