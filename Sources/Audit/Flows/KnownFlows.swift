import Policy
import Wire

/// Counts flows whose packets all have one verdict, without deciding them again: the bulk of every capture.
///
/// The classifier decides what a flow is, on one packet that it sees in full. Here the packets that follow are
/// recognised as more of the same: same interface, recorded direction, stations, addresses and ports, and a form so
/// plain (`PlainPacket`) that nothing else affects their verdict. A packet that differs in anything is left to the
/// classifier. A flow whose verdict could change with its packets' contents is never kept (`Auditor.keep`).
///
/// Anything that changes verdicts raises the epoch, and flows of an older epoch are no longer known. Memory is bounded:
/// a new flow replaces the one of its hash that was silent longest.
///
///     hash --> slots: | tag, position | tag, position | tag, position | tag, position |   four of one hash
///                            |
///              flows: | ... | key, counts | ...                                           as they came
///
/// Flows lie densely: in a sparse table nearly every used flow would have a page of its own, and a page translation
/// that the processor no longer has costs more than all other work for a frame.
struct KnownFlows: ~Copyable {
  enum Kind: Sendable {
    /// The tunnel's messages: to an Endpoint, and from it. Other packets of the flow are not counted here.
    case sent, received
    /// Packets that come in from elsewhere.
    case incoming
    case local(LocalKind)
    /// A leak. The contents of its packets are still looked at (`Auditor.countKnownLeak`).
    case leak(Verdict.Structure)
  }

  /// What became of a frame.
  enum Answer {
    case unknown
    case counted(VerdictClass)
    /// It belongs to the leaking flow at that position, and is not counted yet.
    case leak(Int)
  }

  /// For a leaking flow: what its packets are compared with.
  struct LeakPart: Sendable, BitwiseCopyable {
    /// The rule that labels it, or -1, and the form for which the rules were asked (`RuleIndex.Form.number`), or -1.
    var rule: Int32 = -1
    var form: Int8 = -1
    /// Its finding; and on the NIC the finding on the bridge that it continues, or -1.
    var finding: Int32 = -1
    var joined: Int32 = -1
    var severity = Severity.info
  }

  /// A kept flow. What every frame needs is in its first 80 bytes, up to the middle of the key: they are in two cache
  /// lines wherever they begin, and both come at once.
  struct Flow: Sendable, BitwiseCopyable {
    /// Counted here, but not yet in the audit's tallies. `bulk` excludes keepalives.
    var bulk = Count()
    /// Begins with the packet for which the flow was kept; the tallies already include that packet.
    var time = Span(.distantPast)
    /// Zero if no flow is kept here.
    var epoch = 0
    var kind = Kind.incoming
    var isOnBridge = false
    /// The position of the policy's endpoint.
    var endpoint: Int16 = -1
    var key = LinkFlow()
    var keepalives = Count()
    /// For sent messages: the receiver's index, the position of its counters, and whether a handshake has shown that
    /// the receiver is the configured peer.
    var receiver: UInt32 = 0
    var session: Int32 = -1
    var isVerified = false
    /// Whether addresses alone made its packets ingress; and the station whose frames are in doubt, or -1.
    var isBelieved = false
    var doubtful: Int32 = -1
    /// The station that its packets go to, or -1, and whether their destination is off the premises.
    var toward: Int32 = -1
    var leaves = false
    /// The notice about its source address (`WireFacts`), or -1.
    var foreign: Int32 = -1
    /// Its place in the kernel's table, or -1.
    var place: Int16 = -1
    /// Packets that were settled since it was kept.
    var age: UInt32 = 0
    var leak = LeakPart()
    /// The first frame that is counted here.
    var firstFrame = 0
    /// Packets in the tallies that were not yet compared with those of other interfaces (`CrossingFlows`).
    var uncompared = 0

    init() {}

    init(_ key: LinkFlow, _ kind: Kind, at moment: Timestamp) {
      self.key = key
      self.kind = kind
      time = Span(moment)
    }

    var total: Count { bulk + keepalives }
    var isSettled: Bool { bulk.frames == 0 && keepalives.frames == 0 }

    /// Counts a packet. True if nothing had been counted since the flow was settled.
    @inline(__always)
    mutating func count(_ length: Int, isKeepalive: Bool, at moment: Timestamp) -> Bool {
      let wasSettled = isSettled
      if moment > time.last { time.last = moment } else if moment < time.first { time.first = moment }
      if isKeepalive {
        keepalives.frames &+= 1
        keepalives.bytes &+= length
      } else {
        bulk.frames &+= 1
        bulk.bytes &+= length
      }
      return wasSettled
    }

    /// Adds packets that were counted elsewhere. True as above.
    mutating func add(_ bulk: Count, _ keepalives: Count, until last: Timestamp) -> Bool {
      let wasSettled = isSettled
      self.bulk = self.bulk + bulk
      self.keepalives = self.keepalives + keepalives
      time.extend(to: last)
      return wasSettled
    }
  }

  /// The position of a flow, and above it a part of its hash that did not choose the slot. In one word, so that the slots
  /// of many flows stay in the processor's caches.
  private struct Slot: Sendable, BitwiseCopyable {
    /// Zero if there is no flow; else its position and one.
    private var word: UInt32 = 0

    /// Positions need 15 bits.
    private static var tagMask: UInt32 { ~0x7FFF }

    init() {}

    init(tag: UInt32, position: Int) { word = tag & Self.tagMask | UInt32(truncatingIfNeeded: position &+ 1) }

    var isFree: Bool { word == 0 }

    var position: Int { Int(word & ~Self.tagMask) &- 1 }

    @inline(__always)
    func holds(_ tag: UInt32) -> Bool { (word ^ tag) & Self.tagMask == 0 && !isFree }
  }

  private static var capacity: Int { 1 << 14 }
  /// Slots for flows of one hash.
  private static var ways: Int { 4 }

  private let seed: UInt64
  private var slots: [Slot] = []
  var flows: [Flow] = []
  /// Positions of flows with something to settle. A position may repeat if its flow was replaced.
  var unsettled: [Int32] = []
  private(set) var epoch = 1
  /// The times of the latest tunnel packet and of the latest bridge packet that were counted here.
  var tunnelTime = Timestamp.distantPast
  var bridgeTime = Timestamp.distantPast
  /// The kernel's half of the table, if it counts.
  var kernel = KernelTable()
  var clock = KernelClock()
  var taken = TakenOver()
  /// When what the kernel has counted outside of the tunnels was taken over last, since the machine was started.
  var othersTaken: UInt64 = 0
  var owed = OwedMessages()
  /// By position: how a leaking flow's leaks are reported. May be shorter than `flows`; empty if nobody is told of each
  /// leak.
  private var leaks: [Leak?] = []

  init(seed: UInt64) { self.seed = seed }

  /// Counts a packet of a known flow. A packet that differs from the flow's others is unknown, too.
  ///
  /// Takes the frame's parts, not the frame: in registers they cost a third of a copy in memory.
  mutating func count(
    _ bytes: RawSpan, _ linkType: LinkType, originalLength: Int, at moment: Timestamp, interface: Int,
    _ direction: RecordDirection, _ counters: inout TransportCounters
  ) -> Answer {
    guard !slots.isEmpty, let packet = PlainPacket(bytes, linkType, interface: interface, direction) else {
      return .unknown
    }
    let length = max(originalLength, bytes.byteCount)
    let hash = packet.flow.hash(seed: seed)
    guard let position = find(packet.flow, hash) else { return .unknown }
    let kind = flows[position].kind
    if case .sent = kind, kernel.isActive, let message = TransportData(packet, bytes) {
      takeOver(before: message.counter, receiver: message.receiver, interface: interface, &counters)
    }
    var flows = flows.mutableSpan
    var isKeepalive = false
    switch kind {
    case .sent, .received:
      guard let message = TransportData(packet, bytes) else { return .unknown }
      isKeepalive = message.isKeepalive
      if case .received = kind { break }
      guard message.receiver == flows[position].receiver,
        counters.noteNext(
          message.counter, at: Int(flows[position].session), receiver: message.receiver,
          interface: interface)
      else { return .unknown }
    case .leak: return .leak(position)
    case .incoming, .local: break
    }
    let wasSettled = flows[position].count(length, isKeepalive: isKeepalive, at: moment)
    let isOnBridge = flows[position].isOnBridge
    if wasSettled { unsettled.append(Int32(truncatingIfNeeded: position)) }
    if isOnBridge, moment > bridgeTime { bridgeTime = moment }
    switch kind {
    case .sent, .received:
      if moment > tunnelTime { tunnelTime = moment }
      if case .sent = kind { return .counted(.tunnel) }
      return .counted(.ingress)
    case .incoming: return .counted(.ingress)
    case .local: return .counted(.local)
    case .leak: return .counted(.leak)
    }
  }

  /// Whether flows must be settled before more can be counted.
  var isFull: Bool { unsettled.count >= Self.capacity }

  @inline(__always)
  private static func firstSlot(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash) & (capacity &- 1) & ~(ways &- 1)
  }

  @inline(__always)
  private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

  /// The position of a known flow.
  @inline(__always)
  private func find(_ key: LinkFlow, _ hash: UInt64) -> Int? {
    let (first, tag) = (Self.firstSlot(hash), Self.tag(hash))
    let slots = slots.span
    let flows = flows.span
    for slot in first..<first &+ Self.ways where slots[slot].holds(tag) {
      let position = slots[slot].position
      if flows[position].key == key, flows[position].epoch == epoch { return position }
    }
    return nil
  }

  func kind(at position: Int) -> Kind { flows[position].kind }

  func leakPart(at position: Int) -> LeakPart { flows[position].leak }

  /// Counts one more leak of a flow.
  mutating func countLeak(_ length: Int, at position: Int, _ moment: Timestamp, frame: Int) {
    if flows[position].isOnBridge, moment > bridgeTime { bridgeTime = moment }
    guard flows[position].count(length, isKeepalive: false, at: moment) else { return }
    flows[position].firstFrame = frame
    unsettled.append(Int32(truncatingIfNeeded: position))
  }

  /// Finds a position for a flow to keep: its own, else a new one, else that of the flow that was silent longest.
  mutating func place(for key: LinkFlow) -> Int {
    if slots.isEmpty {
      slots = Array(repeating: Slot(), count: Self.capacity)
      unsettled.reserveCapacity(Self.capacity)
    }
    let hash = key.hash(seed: seed)
    let (first, tag) = (Self.firstSlot(hash), Self.tag(hash))
    var victim = first
    for slot in first..<first + Self.ways {
      guard !slots[slot].isFree else {
        slots[slot] = Slot(tag: tag, position: flows.count)
        flows.append(Flow())
        return flows.count - 1
      }
      let position = slots[slot].position
      // Each flow that is looked at costs its own cache lines.
      if slots[slot].holds(tag), flows[position].key == key, flows[position].epoch != 0 { return position }
      if flows[position].time.last < flows[slots[victim].position].time.last { victim = slot }
    }
    let position = slots[victim].position
    slots[victim] = Slot(tag: tag, position: position)
    return position
  }

  /// Keeps a flow at a position with nothing left to settle.
  mutating func keep(_ flow: Flow, at position: Int) {
    flows[position] = flow
    flows[position].epoch = epoch
    if position < leaks.count { leaks[position] = nil }
  }

  /// Keeps how the leaks of the flow at a position are reported.
  mutating func keep(_ leak: Leak, at position: Int) {
    while leaks.count <= position { leaks.append(nil) }
    leaks[position] = leak
  }

  /// How a leaking flow's leaks are reported.
  func leak(at position: Int) -> Leak? { position < leaks.count ? leaks[position] : nil }

  /// Forgets the flows with a packet's five-tuple on an interface, whatever their stations. What was counted is still
  /// settled.
  mutating func drop(like packet: DecodedPacket, interface: Int) {
    guard !slots.isEmpty, packet.hasPorts else { return }
    for number in 0..<6 {
      let direction = RecordDirection(rawValue: UInt8(number >> 1)) ?? .unknown
      let flow = LinkFlow(packet, interface: interface, direction, isTagged: number & 1 == 1)
      let first = Self.firstSlot(flow.hash(seed: seed))
      for slot in first..<first + Self.ways {
        guard !slots[slot].isFree else { continue }
        let position = slots[slot].position
        guard flows[position].epoch == epoch, flows[position].key.isLike(flow) else { continue }
        takeBack(at: position)
        flows[position].epoch = 0
      }
    }
  }

  /// Takes out a flow's unsettled counts; nil if there are none.
  mutating func takeUnsettled(at position: Int) -> Flow? {
    guard !flows[position].isSettled else { return nil }
    defer {
      flows[position].age = flows[position].age.addingSaturating(UInt32(clamping: flows[position].total.frames))
      flows[position].bulk = Count()
      flows[position].keepalives = Count()
    }
    return flows[position]
  }

  /// Leaves packets of a flow to be compared later: that costs more than to settle them.
  mutating func leaveUncompared(_ frames: Int, at position: Int) { flows[position].uncompared &+= frames }

  /// Takes out a flow's packets that are to be compared; nil if there are none.
  mutating func takeUncompared(at position: Int) -> Flow? {
    guard flows[position].uncompared > 0 else { return nil }
    defer { flows[position].uncompared = 0 }
    return flows[position]
  }

  /// The flows with packets that are to be compared.
  var uncompared: [Flow] { flows.filter { $0.uncompared > 0 } }

  var positions: Range<Int> { flows.indices }

  /// The position of a flow that may have something to settle; nil if there is none.
  mutating func popUnsettled() -> Int? { unsettled.popLast().map(Int.init) }

  /// Makes all flows unknown.
  mutating func forget() { epoch += 1 }
}
