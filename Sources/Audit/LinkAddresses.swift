import Wire

/// The addresses of a frame on its link. A cooked header holds the source's alone.
struct LinkAddresses: BitwiseCopyable {
  var source: MACAddress
  /// Nil also for a group's address.
  var destination: MACAddress?

  /// Nil where the link has no such addresses, or the source's is zero, as on the loopback device.
  @inline(__always)
  init?(_ frame: borrowing CapturedFrame) {
    switch frame.linkType {
    case .ethernet:
      guard let ethernet = try? EthernetFrame(frame.bytes) else { return nil }
      source = ethernet.source
      let to = ethernet.destination
      destination = to.isGroup || to.value == 0 ? nil : to
    case .linuxCooked, .linuxCooked2:
      let version = frame.linkType == .linuxCooked ? 1 : 2
      guard let sender = (try? LinuxCookedFrame(frame.bytes, version: version))?.source else { return nil }
      source = sender
    default: return nil
    }
    if source.value == 0 { return nil }
  }
}

extension MACAddress {
  /// Whether it names several stations (IEEE 802, the first octet's lowest bit).
  var isGroup: Bool { value >> 40 & 1 != 0 }
}

/// What the frames of each interface have shown of the stations on its link (semantics 1, direction rule 2).
///
/// A station is *taken* for the audited side's by what it sends, and is not where taken ones send through it: it is their
/// next hop then. Nothing is learned to be outside. Bounded; what does not fit is counted.
struct LinkStations: Sendable {
  struct Station: Sendable, BitwiseCopyable {
    fileprivate var key: UInt64 = 0
    var isTaken = false
    var isNextHop = false
    /// Whether it sent from an audited prefix.
    var isProven = false
    /// Frames of it that were taken for ingress by their addresses, or as not audited.
    var doubts = 0

    /// Whether the audited side sends by it.
    var isAudited: Bool { isTaken && !isNextHop }
  }

  static var limitPerInterface: Int { 4096 }
  private static var limit: Int { 1 << 16 }

  private(set) var stations: [Station] = []
  /// Position in `stations` plus one; zero is an empty slot. At most half full.
  private var slots: [Int32] = []
  private var counts: [Int] = []
  private let seed: UInt64
  /// How often a station could not be kept.
  private(set) var overflows = 0
  /// Frames that were taken for ingress, and whose station later proved to be the audited side's.
  private(set) var mistakenFrames = 0
  /// Raised with each change that makes verdicts differ from those before.
  private(set) var epoch = 0

  init(seed: UInt64) { self.seed = seed }

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

  /// The position of a station, which is kept from now on; nil where there is no room.
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

  /// Takes a station for the audited side's, unless it is a next hop. True if it is taken now.
  mutating func take(_ address: MACAddress, _ interface: Int) -> Bool {
    guard let position = keep(address, interface), !stations[position].isNextHop else { return false }
    guard !stations[position].isTaken else { return true }
    stations[position].isTaken = true
    settleDoubts(position)
    return true
  }

  /// A taken station sends to a public address through this one.
  mutating func noteNextHop(_ address: MACAddress, _ interface: Int) {
    guard let position = keep(address, interface), !stations[position].isNextHop else { return }
    stations[position].isNextHop = true
    if stations[position].isTaken { epoch &+= 1 }
  }

  /// A station sends from an audited prefix.
  mutating func prove(_ address: MACAddress, _ interface: Int, settlesDoubts: Bool) {
    guard let position = keep(address, interface), !stations[position].isProven else { return }
    stations[position].isProven = true
    epoch &+= 1
    if settlesDoubts { settleDoubts(position) }
  }

  /// What was taken is taken no more: the policy names who is of the audited side.
  mutating func forget(_ interface: Int) {
    let prefix = Self.key(MACAddress(0), interface)
    for position in stations.indices where stations[position].key & (0xFFFF << 48) == prefix {
      stations[position].isTaken = false
    }
    epoch &+= 1
  }

  private mutating func settleDoubts(_ position: Int) {
    epoch &+= 1
    mistakenFrames += stations[position].doubts
    stations[position].doubts = 0
  }

  /// A frame of the station was taken for ingress by what anybody can write. Returns its position.
  mutating func doubt(_ address: MACAddress, _ interface: Int) -> Int {
    guard let position = keep(address, interface) else { return -1 }
    stations[position].doubts &+= 1
    return position
  }

  mutating func addDoubts(_ count: Int, at position: Int) { stations[position].doubts &+= count }
}
