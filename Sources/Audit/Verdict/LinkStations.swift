import Wire

/// What each interface's frames have shown about the stations on its link (CONTRACT 1, direction rule 2).
///
/// What a station sends can show that it is on the audited side: then it is *recognised*. If recognised stations send
/// through it, it is their next hop and not audited. Nothing is learned to be outside. Bounded; what does not fit is
/// counted.
struct LinkStations: Sendable {
  struct Station: Sendable, BitwiseCopyable {
    fileprivate var key: UInt64 = 0
    var isRecognised = false
    var isNextHop = false
    /// Whether it sent from an audited prefix.
    var isProven = false
    /// Its frames that were taken for ingress by their addresses, or as not audited.
    var doubts = 0
    /// Whether it has sent as the audited side does, recognised or not: a gateway may be other containers' next hop.
    fileprivate var showsAudited = false
    /// Frames to it that were taken for ingress by their addresses: those with public destinations, and the others.
    fileprivate var believed = (leaving: 0, staying: 0)
    /// Frames to it that were ingress because it counted as audited.
    fileprivate var received = 0
    /// Whether it proved to be on the audited side, so that earlier doubts were right.
    fileprivate var isSettled = false

    /// Whether it counts as a station of the audited side.
    var isAudited: Bool { isRecognised && !isNextHop }
  }

  static var limitPerInterface: Int { 4096 }
  private static var limit: Int { 1 << 16 }

  /// The positions of two stations, as they were last looked up.
  private struct Resolved: Sendable, BitwiseCopyable {
    var fromKey: UInt64 = 0
    var toKey: UInt64 = 0
    var from: Int32 = -1
    var to: Int32 = -1
    var count = -1
  }

  private(set) var stations: [Station] = []
  /// Frames come in runs between the same two stations: most look-ups end here.
  private var latest = [Resolved](repeating: Resolved(), count: 8)
  /// Position in `stations` plus one; zero is an empty slot. At most half full.
  private var slots: [Int32] = []
  private var counts: [Int] = []
  private let seed: UInt64
  /// How often a station could not be kept.
  private(set) var overflows = 0
  /// Frames that were taken for ingress although their station later proved to be on the audited side.
  private(set) var mistakenFrames = 0
  /// Stations that counted as audited until a next hop sent through them.
  private(set) var contradictions = 0
  /// Whether something was learned that changes later verdicts.
  private var isChanged = false

  init(seed: UInt64) { self.seed = seed }

  /// Whether something was learned since the last call that changes later verdicts.
  mutating func takeChange() -> Bool {
    defer { isChanged = false }
    return isChanged
  }

  private static func key(_ address: MACAddress, _ interface: Int) -> UInt64 {
    UInt64(UInt16(truncatingIfNeeded: interface)) << 48 | address.value
  }

  private func slot(_ key: UInt64) -> Int {
    var hash = KeyHash(seed: seed)
    hash.mix(key)
    return Int(truncatingIfNeeded: hash.value) & (slots.count - 1)
  }

  /// The position of a station; nil if it was never kept.
  func find(_ address: MACAddress, _ interface: Int) -> Int? {
    guard !slots.isEmpty else { return nil }
    let key = Self.key(address, interface)
    var slot = slot(key)
    while slots[slot] != 0 {
      let position = Int(slots[slot]) - 1
      if stations[position].key == key { return position }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  func isAudited(_ address: MACAddress, _ interface: Int) -> Bool {
    find(address, interface).map { stations[$0].isAudited } ?? false
  }

  func isAudited(at position: Int32) -> Bool { position >= 0 && stations[Int(position)].isAudited }

  func isNextHop(at position: Int32) -> Bool { position >= 0 && stations[Int(position)].isNextHop }

  func isProven(at position: Int32) -> Bool { position >= 0 && stations[Int(position)].isProven }

  /// Finds both stations of a link. A station's position never changes.
  mutating func resolve(_ pair: LinkAddresses, _ interface: Int) -> LinkAddresses {
    var link = pair
    let fromKey = Self.key(link.source, interface)
    let toKey = link.destination.map { Self.key($0, interface) } ?? 0
    let place = Int(truncatingIfNeeded: fromKey ^ toKey &* 5) & 7
    let known = latest[place]
    if known.fromKey == fromKey, known.toKey == toKey, known.count == stations.count {
      (link.from, link.to) = (known.from, known.to)
      return link
    }
    link.from = Int32(truncatingIfNeeded: find(link.source, interface) ?? -1)
    link.to = Int32(truncatingIfNeeded: link.destination.flatMap { find($0, interface) } ?? -1)
    latest[place] = Resolved(fromKey: fromKey, toKey: toKey, from: link.from, to: link.to, count: stations.count)
    return link
  }

  /// The position of a station, which is kept from now on; nil if there is no room.
  private mutating func keep(_ address: MACAddress, _ interface: Int) -> Int? {
    if let position = find(address, interface) { return position }
    while counts.count <= interface, counts.count < 1 << 16 { counts.append(0) }
    guard interface < counts.count, counts[interface] < Self.limitPerInterface, stations.count < Self.limit else {
      overflows &+= 1
      return nil
    }
    counts[interface] += 1
    stations.append(Station(key: Self.key(address, interface)))
    if stations.count * 2 > slots.count { grow() } else { place(stations.count - 1) }
    return stations.count - 1
  }

  private mutating func place(_ position: Int) {
    var slot = slot(stations[position].key)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(position + 1)
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: max(64, slots.count * 2))
    for position in stations.indices { place(position) }
  }

  /// Recognises a station as one of the audited side, unless it is a next hop. True if it is recognised now.
  mutating func recognise(_ address: MACAddress, _ interface: Int) -> Bool {
    guard let position = keep(address, interface) else { return false }
    stations[position].showsAudited = true
    if stations[position].isNextHop { return false }
    guard !stations[position].isRecognised else { return true }
    stations[position].isRecognised = true
    settleDoubts(position)
    return true
  }

  /// Notes that a recognised station sends to a public address through this one.
  mutating func noteNextHop(_ address: MACAddress, _ interface: Int) {
    guard let position = keep(address, interface), !stations[position].isNextHop else { return }
    if stations[position].isRecognised { isChanged = true }
    stations[position].isNextHop = true
  }

  /// Notes that a station sends from an audited prefix.
  mutating func prove(_ address: MACAddress, _ interface: Int, at known: Int32, settlesDoubts: Bool) {
    if isProven(at: known) { return }
    guard let position = keep(address, interface), !stations[position].isProven else { return }
    stations[position].isProven = true
    isChanged = true
    if settlesDoubts { settleDoubts(position) }
  }

  /// Notes that no station of an interface is recognised any more: the policy names the stations of the audited side.
  mutating func forget(_ interface: Int) {
    let prefix = Self.key(MACAddress(0), interface)
    for position in stations.indices where stations[position].key & (0xFFFF << 48) == prefix {
      stations[position].isRecognised = false
    }
    isChanged = true
  }

  /// Notes that a next hop sent what only the audited side sends. Nobody knows whose its earlier frames were. If it
  /// sends through a recognised station, somebody has used a foreign MAC address: that station no longer counts as
  /// audited.
  mutating func noteContradiction(from: Int32, to: Int32) {
    if from >= 0, !stations[Int(from)].isSettled { settleDoubts(Int(from)) }
    guard isAudited(at: to) else { return }
    stations[Int(to)].isNextHop = true
    contradictions &+= 1
    isChanged = true
  }

  private mutating func settleDoubts(_ position: Int) {
    isChanged = true
    mistakenFrames &+= stations[position].doubts
    stations[position].doubts = 0
    stations[position].isSettled = true
  }

  /// Notes that a frame from the station was taken for ingress by something that anybody can forge. Returns the
  /// station's position.
  mutating func doubt(_ address: MACAddress, _ interface: Int, at known: Int32) -> Int {
    guard let position = known >= 0 ? Int(known) : keep(address, interface) else { return -1 }
    addDoubts(1, at: position)
    return position
  }

  /// Notes that a frame to this station was taken for ingress by something that anybody can forge. In truth, a frame to
  /// a next hop with a public destination leaves, and so does any frame from a station that is not a next hop to a
  /// router that only forwards. Returns the station's position.
  mutating func believe(to address: MACAddress, _ interface: Int, at known: Int32, from: Int32, leaves: Bool) -> Int {
    guard let position = known >= 0 ? Int(known) : keep(address, interface) else { return -1 }
    guard leaves || !isNextHop(at: from) else { return -1 }
    addBelieved(1, at: position, leaves: leaves)
    return position
  }

  /// Counts frames that were ingress because this station counts as audited. If it proves to be a next hop, somebody
  /// may have used its MAC address, and the frames went to a router.
  mutating func addReceived(_ count: Int, at position: Int) { stations[position].received &+= count }

  mutating func addBelieved(_ count: Int, at position: Int, leaves: Bool) {
    if leaves { stations[position].believed.leaving &+= count } else { stations[position].believed.staying &+= count }
  }

  /// Frames that were taken for ingress by their addresses although they went to a next hop of the audited side. If
  /// that is a gateway, frames without a public destination may end there and do not count.
  var misdirectedFrames: Int {
    stations.reduce(0) { sum, station in
      guard station.isNextHop else { return sum }
      return sum &+ station.received &+ station.believed.leaving
        &+ (station.showsAudited ? 0 : station.believed.staying)
    }
  }

  /// Counts doubtful frames. For a station that has proved to be on the audited side they were mistaken: the fast path
  /// counted them before the proof.
  mutating func addDoubts(_ count: Int, at position: Int) {
    if stations[position].isSettled { mistakenFrames &+= count } else { stations[position].doubts &+= count }
  }
}
