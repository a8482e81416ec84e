import Policy
import Wire

/// Learns the addresses of endpoints given by name, from DNS answers to questions that were seen (CONTRACT 5, where an
/// Endpoint comes from).
///
/// Only an answer that comes in counts, to a question that left the audited side: a container can ask itself, and forge
/// any answer.
struct EndpointLearner: Sendable {
  /// Whether there is anything to learn; nothing here runs per frame otherwise.
  let isActive: Bool
  private let names: [NamedEndpoint]
  /// Endpoints given by name for which no answer gave an address yet.
  private(set) var unanswered: [Stated<NamedEndpoint>]
  /// Questions without an answer so far: an answer that nobody asked for is ignored.
  private var questions: [Key: Question] = [:]
  /// How many questions and addresses found no place.
  private(set) var overflows = 0
  /// The addresses of earlier answers, by name and type.
  private var answers: [Said: [IPAddress]] = [:]
  /// Names whose answers had no address in common.
  private var disjoint: Set<Int> = []
  /// The addresses that each asker got for a name: a container may ask a resolver of its own, which adds what it likes.
  private var told: [Asker: Set<IPAddress>] = [:]
  /// Frames with an answer from another station than the question went to.
  private(set) var detours: [Int] = []
  /// Frames with an answer that was believed although nothing showed that it came from outside.
  private(set) var believed: [Int] = []

  private struct Key: Hashable, Sendable {
    var interface: Int
    var flow: FlowKey
    var identifier: UInt16
  }

  private struct Question: Sendable {
    var asker: MACAddress?
    var resolver: MACAddress?
    var time: Timestamp
  }

  private struct Asker: Hashable, Sendable {
    var name: Int
    var interface: Int
    var address: IPAddress
  }

  private struct Said: Hashable, Sendable {
    var name: Int
    var type: UInt16
  }

  static var maximumQuestions: Int { 1024 }
  static var maximumAskers: Int { 64 }
  /// Resolvers give up sooner (resolv.conf(5): at most 30 s, 5 times).
  static var timeout: Elapsed { .seconds(150) }
  /// More addresses than a provider gives a name.
  static var maximumEndpoints: Int { 256 }

  init(_ policy: TunnelPolicy) {
    names = policy.namedEndpoints.map(\.value)
    unanswered = policy.namedEndpoints
    isActive = !names.isEmpty
  }

  /// Whether something that was forgotten could have been the answer.
  var hasForgotten: Bool { overflows > 0 }

  /// The endpoints that the packet shows, with their origin.
  mutating func learn(
    _ seen: borrowing Sighting, _ decision: Classifier.Decision,
    isAudited: (IPAddress) -> Bool, frameNumber: Int, known: Int
  ) -> [Stated<TunnelEndpoint>] {
    guard seen.packet.network == .ip, seen.packet.protocolNumber == .udp, seen.packet.transport == .header,
      seen.packet.fragment != .later, seen.packet.destinationPort == 53 || seen.packet.sourcePort == 53
    else { return [] }
    let payload = seen.payload
    guard let message = DNSQuestions(message: payload), let flow = FlowKey(seen.packet) else { return [] }
    if seen.packet.destinationPort == 53, !message.isResponse {
      note(message, flow, seen, decision, isAudited: isAudited)
      return []
    }
    let key = Key(interface: seen.interface, flow: flow.reversed, identifier: message.identifier)
    guard seen.packet.sourcePort == 53, let question = questions[key], let said = DNSAnswers(message: payload),
      comesIn(seen, decision, question, frameNumber)
    else { return [] }
    let asked = names.indices.filter { NamePattern.covers(names[$0].name, said.question.name) }
    guard !said.addresses.isEmpty else { return [] }
    for name in asked {
      compare(said, with: name)
      note(said, to: Asker(name: name, interface: seen.interface, address: seen.packet.destination))
    }
    guard known + asked.count * said.addresses.count <= Self.maximumEndpoints else {
      overflows &+= 1
      return []
    }
    unanswered.removeAll { NamePattern.covers($0.value.name, said.question.name) }
    return asked.flatMap { name in
      said.addresses.map { address in
        let named = names[name]
        return Stated(
          named.endpoint(at: address),
          origin: "DNS answer for \(named.name) in frame \(frameNumber)")
      }
    }
  }

  /// Names whose answers contradict one another: two answers had no address in common, or two askers got different
  /// addresses.
  var contradicted: [String] {
    names.indices.filter { name in
      let sets = told.filter { $0.key.name == name }.map(\.value)
      return disjoint.contains(name) || sets.contains { $0 != sets[0] }
    }.map { names[$0].name }
  }

  private mutating func note(_ said: DNSAnswers, to asker: Asker) {
    guard told[asker] != nil || told.count < Self.maximumAskers else {
      overflows &+= 1
      return
    }
    told[asker, default: []].formUnion(said.addresses)
  }

  /// Notes a question that leaves the audited side.
  private mutating func note(
    _ message: DNSQuestions, _ flow: FlowKey, _ seen: borrowing Sighting,
    _ decision: Classifier.Decision, isAudited: (IPAddress) -> Bool
  ) {
    guard decision.verdict.verdictClass == .leak || decision.verdict.verdictClass == .allowed,
      !isAudited(seen.packet.destination),
      message.list.contains(where: { question in names.contains { NamePattern.covers($0.name, question.name) } })
    else { return }
    if questions.count >= Self.maximumQuestions {
      questions = questions.filter { (seen.moment - $0.value.time).isWithin(Self.timeout) }
      guard questions.count < Self.maximumQuestions else {
        overflows &+= 1
        return
      }
    }
    let link = seen.link
    questions[Key(interface: seen.interface, flow: flow, identifier: message.identifier)] = Question(
      asker: link?.source, resolver: link?.destination, time: seen.moment)
  }

  /// Whether an answer is ingress. Between private addresses, without a role and without known stations, it looks like
  /// egress: then it is believed if it came back the way that the question went, and its frame is noted.
  private mutating func comesIn(
    _ seen: borrowing Sighting, _ decision: Classifier.Decision, _ question: Question,
    _ frameNumber: Int
  ) -> Bool {
    let station = decision.step == .recordedDirection ? nil : seen.link?.source
    if let station, station == question.asker { return false }
    let isDetour = station.map { station in question.resolver.map { $0 != station } ?? false } ?? false
    if case .ingress = decision.verdict {
      if isDetour, detours.count < 16 { detours.append(frameNumber) }
      return true
    }
    guard !decision.isCertain, decision.verdict.verdictClass == .local, !isDetour else { return false }
    if believed.count < 16 { believed.append(frameNumber) }
    return true
  }

  private mutating func compare(_ said: DNSAnswers, with name: Int) {
    let key = Said(name: name, type: said.question.type)
    if let before = answers[key], !before.contains(where: said.addresses.contains) {
      disjoint.insert(name)
    } else {
      answers[key] = said.addresses
    }
  }
}
