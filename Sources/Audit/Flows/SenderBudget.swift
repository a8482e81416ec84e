import Wire

/// Limits how many mild packets each sender may send (CONTRACT 3): a token bucket in the packets' own time, which only
/// time refills.
///
/// Senders can be forged, so all senders of an interface together may send only `crowd` times as many.
///
/// Bounded: `senders` buckets. If a bucket is forgotten before it is full again, unknown senders are refused until it
/// would have been full: a sender that comes back gets no more than if it had been remembered.
struct SenderBudget: ~Copyable {
  /// The packets that may still be sent, and the time up to which they were computed.
  private struct Tokens: BitwiseCopyable {
    var left: Int64
    var counted: Timestamp
  }

  private struct Bucket: BitwiseCopyable {
    var tokens: Tokens
    /// The destinations of packets from `since` on, if their number is bounded: resolv.conf(5) holds three resolvers,
    /// and one more is for a change of networks.
    var destinations = [4 of IPAddress](repeating: IPAddress(v4: 0))
    var destinationCount = 0
    var since: Timestamp
  }

  static var senders: Int { 256 }
  /// More neighbours than speak at once on a stack's network.
  static var crowd: Int64 { 16 }
  /// How long a sender is bound to its destinations.
  private static var bindingTime: Elapsed { .seconds(3600) }
  /// Time that goes back by more than this means that a clock was set back; captures of several interfaces differ by
  /// less.
  private static var reorderLimit: Elapsed { .seconds(60) }

  private let burst: Int64
  private let interval: Elapsed
  private let boundsDestinations: Bool
  private var buckets: BoundedTable<Sender, Bucket>
  /// By interface.
  private var totals: [Tokens?] = []
  private var refusesUnknownUntil = Timestamp.distantPast

  /// Allows `burst` packets at once, and one more each `interval`.
  init(burst: Int64, interval: Elapsed, boundsDestinations: Bool = false, seed: UInt64) {
    self.burst = burst
    self.interval = interval
    self.boundsDestinations = boundsDestinations
    buckets = BoundedTable(capacity: Self.senders, seed: seed)
  }

  /// Whether the sender may send one more packet, which is then counted.
  mutating func spend(_ sender: Sender, to destination: IPAddress, at moment: Timestamp) -> Bool {
    let known = buckets.find(sender)
    if known == nil, moment < refusesUnknownUntil { return false }
    var bucket = known ?? Bucket(tokens: Tokens(left: burst, counted: moment), since: moment)
    fill(&bucket.tokens, until: moment, burst: burst, interval: interval)
    let isAllowed =
      bucket.tokens.left > 0 && holds(destination, at: moment, &bucket) && spendTotal(sender.interface, at: moment)
    if isAllowed { bucket.tokens.left -= 1 }
    if let forgotten = buckets.insert(sender, bucket) {
      // At most `burst` intervals.
      let missing = Elapsed(nanoseconds: (burst - forgotten.tokens.left) * interval.nanoseconds)
      let isFull = forgotten.tokens.counted + missing
      let isFree = forgotten.destinationCount > 0 ? forgotten.since + Self.bindingTime : isFull
      refusesUnknownUntil = max(refusesUnknownUntil, isFull, isFree)
    }
    return isAllowed
  }

  private mutating func spendTotal(_ interface: Int, at moment: Timestamp) -> Bool {
    guard interface >= 0, interface < 1 << 16 else { return false }
    while totals.count <= interface { totals.append(nil) }
    let most = burst * Self.crowd
    var tokens = totals[interface] ?? Tokens(left: most, counted: moment)
    fill(&tokens, until: moment, burst: most, interval: Elapsed(nanoseconds: interval.nanoseconds / Self.crowd))
    defer { totals[interface] = tokens }
    guard tokens.left > 0 else { return false }
    tokens.left -= 1
    return true
  }

  private func fill(_ tokens: inout Tokens, until moment: Timestamp, burst: Int64, interval: Elapsed) {
    let elapsed = moment - tokens.counted
    guard elapsed >= .zero else {
      // A clock that runs back earns nothing, and nobody waits for it to catch up.
      if !elapsed.isWithin(Self.reorderLimit) { tokens.counted = moment }
      return
    }
    let earned = elapsed.nanoseconds / interval.nanoseconds
    if earned >= burst || tokens.left + earned >= burst {
      tokens = Tokens(left: burst, counted: moment)
    } else {
      tokens.left += earned
      tokens.counted = tokens.counted + Elapsed(nanoseconds: earned * interval.nanoseconds)
    }
  }

  private func holds(_ destination: IPAddress, at moment: Timestamp, _ bucket: inout Bucket) -> Bool {
    guard boundsDestinations else { return true }
    if moment - bucket.since >= Self.bindingTime { bucket.destinationCount = 0 }
    if bucket.destinationCount == 0 { bucket.since = moment }
    for index in 0..<bucket.destinationCount where bucket.destinations[index] == destination { return true }
    guard bucket.destinationCount < bucket.destinations.count else { return false }
    bucket.destinations[bucket.destinationCount] = destination
    bucket.destinationCount += 1
    return true
  }
}
