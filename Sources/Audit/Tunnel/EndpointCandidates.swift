import Policy
import Wire

/// Endpoints that a tunnel may go to although no policy states them. Something like WireGuard was sent there; a
/// handshake may prove one before the audit ends (CONTRACT 5, where an Endpoint comes from).
///
/// What was sent to a candidate is counted for it: initiations as the tunnel's, everything else as leaks that become
/// the tunnel's once the candidate is proven. A proof is an initiation that the other side answered, or one from the
/// other side that ours answered and its data confirmed. An initiation that merely comes in proves nothing: anybody can
/// send one.
struct EndpointCandidates: Sendable {
  /// Messages that are leaks unless their candidate is proven.
  struct Pending: Sendable {
    var interface: Int
    /// The finding, if the candidate is not proven.
    var finding: Finding
    var time: Span
  }

  struct Candidate: Sendable {
    /// Never used again for another candidate.
    let id: Int
    let endpoint: Endpoint
    /// The frame that it was first seen in; 0 until it is known.
    var frame = 0
    var session = TunnelSession()
    var tally = TunnelTally()
    /// Initiations that count as the tunnel's.
    var initiations = TunnelTally()
    var pending: [Pending] = []
    var windows = LeakWindows()
    var traffic = Traffic()
    /// Its senders and their stations: an answer from one of these stations proves nothing.
    var senders: [Sender] = []
    var stations: [MACAddress] = []
    /// The stations through which they sent: its answers should come from one of these.
    var hops: [MACAddress] = []
    /// When it was proven while another one still answered its sender.
    var provenAt: Timestamp?
    /// The key that an initiation was meant for, if the policy demands that key.
    var publicKey: [UInt8]?
    /// Whether an initiation to it was captured without its mac1 and a list names it: then any answer has to suffice.
    var isListedByAddress = false
    /// When it was last sent to, counted in messages to candidates.
    var latest = 0
    /// Whether it is an endpoint now and its place is free.
    var isSettled = false
  }

  /// A gateway, as its packets show it.
  struct Sender: Hashable, Sendable {
    var interface: Int
    var address: IPAddress
  }

  /// More than a policy would list.
  static var limit: Int { 64 }
  /// How long another endpoint must be silent before a new one takes its place.
  static var silence: Elapsed { .seconds(5) }

  let isActive: Bool
  /// Endpoints that an earlier pass over the same frames has proven.
  var foreknown: [Endpoint] = []
  private(set) var list: [Candidate] = []
  private var count = 0
  /// Messages to candidates so far.
  private var messages = 0
  /// Candidates that others replaced: their counts are final.
  var evicted: [Candidate] = []
  private(set) var evictions = 0
  /// Candidates that a handshake has proven.
  private var proven: Set<Int> = []
  /// Initiations from outside: where each came from, and the index that it offers.
  private var strangers: [(endpoint: Endpoint, index: UInt32)] = []
  private var latestChange: (former: Endpoint, endpoint: Endpoint)?
  /// Endpoints that somebody other than the gateway sends to: on the NIC, behind NAT, they look like the gateway's.
  private var strays: Set<Endpoint> = []
  private(set) var strayOverflows = 0
  /// Candidates whose proof came from another station than the one through which they are reached.
  private(set) var detours: [(endpoint: Endpoint, frame: Int)] = []
  /// The endpoint, by its position, that a sender's tunnel goes to.
  private var current: [Sender: Int16] = [:]

  init(isActive: Bool) { self.isActive = isActive }

  func position(of endpoint: Endpoint) -> Int? { list.firstIndex { $0.endpoint == endpoint && !$0.isSettled } }

  subscript(position: Int) -> Candidate {
    get { list[position] }
    _modify { yield &list[position] }
  }

  /// The position of the candidate that a sender sent a message to. If all places are taken, a candidate of the sender
  /// with the most is evicted: a sender that makes them up loses its own.
  mutating func keep(_ endpoint: Endpoint, from sender: Sender) -> Int {
    messages &+= 1
    if let position = position(of: endpoint) {
      list[position].latest = messages
      return position
    }
    count += 1
    var candidate = Candidate(id: count, endpoint: endpoint)
    candidate.latest = messages
    candidate.senders = [sender]
    if let position = list.firstIndex(where: \.isSettled) {
      list[position] = candidate
      return position
    }
    guard list.count >= Self.limit else {
      list.append(candidate)
      return list.count - 1
    }
    let position = leastNeeded(by: sender)
    evicted.append(list[position])
    evictions &+= 1
    list[position] = candidate
    return position
  }

  private func leastNeeded(by sender: Sender) -> Int {
    var counts = [sender: 1]
    for candidate in list { if let owner = candidate.senders.first { counts[owner, default: 0] += 1 } }
    let owned = list.map { $0.senders.first.flatMap { counts[$0] } ?? 0 }
    return list.indices.min { (-owned[$0], list[$0].latest) < (-owned[$1], list[$1].latest) } ?? 0
  }

  /// Whether no handshake has proven the candidate.
  func isUnproven(_ id: Int) -> Bool { !proven.contains(id) }

  static var mostStrays: Int { 4096 }

  mutating func noteStray(_ endpoint: Endpoint) {
    if strays.contains(endpoint) { return }
    if strays.count < Self.mostStrays { strays.insert(endpoint) } else { strayOverflows &+= 1 }
  }

  func isStray(_ endpoint: Endpoint) -> Bool { strays.contains(endpoint) }

  mutating func noteStranger(_ endpoint: Endpoint, index: UInt32) {
    if strangers.contains(where: { $0.endpoint == endpoint && $0.index == index }) { return }
    if strangers.count >= Self.limit { strangers.removeFirst() }
    strangers.append((endpoint, index))
  }

  /// Whether an initiation from there offered the index.
  func isAsked(_ endpoint: Endpoint, index: UInt32) -> Bool {
    strangers.contains { $0.endpoint == endpoint && $0.index == index }
  }

  mutating func noteSender(_ sender: Sender, _ link: LinkAddresses?, of position: Int) {
    if let station = link?.source, !list[position].stations.contains(station),
      list[position].stations.count < Self.limit
    {
      list[position].stations.append(station)
    }
    if let hop = link?.destination, !list[position].hops.contains(hop), list[position].hops.count < Self.limit {
      list[position].hops.append(hop)
    }
    guard !list[position].senders.contains(sender), list[position].senders.count < Self.limit else { return }
    list[position].senders.append(sender)
  }

  /// The endpoint that a sender's tunnel goes to.
  func current(of sender: Sender) -> Int16? { current[sender] }

  mutating func choose(_ endpoint: Int16, for sender: Sender) {
    if current.count < 4096 || current[sender] != nil { current[sender] = endpoint }
  }

  mutating func setCurrent(_ endpoint: Int16, of sender: Sender) {
    if current[sender] != nil { current[sender] = endpoint }
  }

  /// Whether a change of servers differs from the latest one.
  mutating func isNews(_ former: Endpoint, _ endpoint: Endpoint) -> Bool {
    if let latestChange, latestChange == (former, endpoint) { return false }
    latestChange = (former, endpoint)
    return true
  }

  /// Notes the station that a candidate's proof came from, if the candidate is reached through another one: routers
  /// that stand in for each other cause that, and so does a neighbour that forges an answer.
  mutating func noteAnswer(of position: Int, from station: MACAddress) {
    guard !list[position].hops.isEmpty, !list[position].hops.contains(station),
      detours.count < Self.limit, !detours.contains(where: { $0.endpoint == list[position].endpoint })
    else { return }
    detours.append((list[position].endpoint, list[position].frame))
  }

  /// Takes out a candidate that becomes an endpoint.
  mutating func settle(_ position: Int, as endpoint: Int16) -> Candidate {
    for sender in list[position].senders where current.count < 4096 || current[sender] != nil {
      current[sender] = endpoint
    }
    proven.insert(list[position].id)
    defer {
      list[position].isSettled = true
      list[position].pending = []
      list[position].traffic = Traffic()
    }
    return list[position]
  }

  /// The candidates that are not endpoints.
  var unproven: [Candidate] { list.filter { !$0.isSettled } }
}
