import Policy
import Wire

/// Finds the host's DNS queries that really come from a container: Docker's resolver answers 127.0.0.11 inside the
/// container and asks from the host, where NAT and the container's firewall see nothing of it.
///
/// The origin of such a query can only be inferred. It is inferred with high confidence if the host asks for a name on
/// the NIC, the answer gives an address, and a container sends to that address on the bridge within 2 s. Destinations
/// inside the tunnel are hidden, so a healthy tunnel's own names are never found here. A query that merely comes within
/// 50 ms of any packet on a bridge is counted, and reported only together with one that was found: beside a busy
/// container every query of the host does that.
struct HostLookups: Sendable {
  private struct Question: Sendable {
    var flow: FlowKey
    var identifier: UInt16
    var name: String
    var isNear: Bool
    var time: Timestamp
  }

  struct Answer: Sendable {
    var address: IPAddress
    var name: String
    var interface: Int
    var isNear: Bool
    var time: Timestamp
    var wasUsed = false
  }

  static var useWindow: Elapsed { .seconds(2) }
  static var nearWindow: Elapsed { .milliseconds(50) }
  /// A host has given up on a resolver that takes longer.
  static var answerWindow: Elapsed { .seconds(5) }
  static var maximumQuestions: Int { 64 }
  static var maximumAnswers: Int { 256 }

  private var questions: [Question] = []
  private var answers: [Answer] = []
  private var latestAnswer = Timestamp.distantPast
  /// Queries near a container's packet about which nothing more was found.
  private(set) var nearQueries = 0

  var awaitsAnswers: Bool { !questions.isEmpty }

  /// Notes a query by the host. `bridgeActivity` is the time of the latest packet on a bridge.
  mutating func ask(_ message: DNSQuestions, _ flow: FlowKey, bridgeActivity: Timestamp?, at moment: Timestamp) {
    guard !message.isResponse, message.list.count == 1 else { return }
    let isNear = bridgeActivity.map { (moment - $0).isBetweenZero(and: Self.nearWindow) } ?? false
    if isNear { nearQueries += 1 }
    questions.removeAll { !(moment - $0.time).isBetweenZero(and: Self.answerWindow) }
    if questions.count >= Self.maximumQuestions { questions.removeFirst() }
    questions.append(
      Question(
        flow: flow, identifier: message.identifier, name: message.list[0].name, isNear: isNear, time: moment))
  }

  /// Takes an answer from port 53 on the NIC, if it is to one of the queries.
  mutating func answer(_ seen: borrowing Sighting) {
    // The flow first: a tunnel's Endpoint may be at port 53, too.
    guard seen.packet.protocolNumber == .udp, seen.packet.transport == .header, seen.packet.fragment == .whole,
      let flow = FlowKey(seen.packet)?.reversed, questions.contains(where: { $0.flow == flow }),
      let message = DNSAnswers(message: seen.payload),
      let identifier = DNSQuestions(message: seen.payload)?.identifier,
      let position = questions.firstIndex(where: {
        $0.flow == flow && $0.identifier == identifier && NamePattern.covers($0.name, message.question.name)
      })
    else { return }
    let question = questions.remove(at: position)
    let moment = seen.moment
    latestAnswer = max(latestAnswer, moment)
    answers.removeAll { !(moment - $0.time).isBetweenZero(and: Self.useWindow) }
    for address in message.addresses {
      if answers.count >= Self.maximumAnswers { answers.removeFirst() }
      answers.append(
        Answer(
          address: address, name: question.name, interface: seen.interface, isNear: question.isNear, time: moment))
    }
  }

  /// Takes the queries for a name as explained.
  mutating func settle(_ name: String) {
    for index in questions.indices where questions[index].isNear && NamePattern.covers(name, questions[index].name) {
      questions[index].isNear = false
      nearQueries -= 1
    }
  }

  /// Whether a container's packet to an address would use an answer.
  func mayBeUsed(_ address: IPAddress, at moment: Timestamp) -> Bool {
    guard !answers.isEmpty, (moment - latestAnswer).isWithin(Self.useWindow) else { return false }
    return answers.contains { $0.address == address && !$0.wasUsed }
  }

  /// The answer that a container's packet to an address uses. Each is found once.
  mutating func use(of address: IPAddress, at moment: Timestamp) -> Answer? {
    guard
      let position = answers.lastIndex(where: {
        $0.address == address && (moment - $0.time).isBetweenZero(and: Self.useWindow)
      }), !answers[position].wasUsed
    else { return nil }
    let answer = answers[position]
    for index in answers.indices where answers[index].name == answer.name { answers[index].wasUsed = true }
    if answer.isNear { nearQueries -= 1 }
    return answer
  }
}
