import CCounting

/// The flows that the kernel counts, as the audit sees them (`counting.h`). One thread has this value.
///
/// `unsafe` because the memory is shared with the kernel. Sound: it stays mapped until the process ends, places are
/// checked by their range, and every word that both change is changed in one step.
@safe struct KernelTable: ~Copyable {
  /// What the audit has taken of a place.
  private struct Entry: BitwiseCopyable {
    /// The flow's position among the known ones, or -1; -2 if the place is used no more.
    var position: Int32 = -1
    var isSent = false
    var generation: UInt64 = 0
    /// Of what the kernel has counted in whole, what was taken.
    var done: UInt64 = 0
    var bulk: UInt64 = 0
    var keepalives: UInt64 = 0
    var keepaliveBytes: UInt64 = 0
    /// What had been counted when a sender's messages were last to be counted.
    var doneWhenArmed: UInt64 = 0
    /// What the kernel had begun to count when it was stopped, if it did not end in time.
    var begun: UInt64?
    /// Whether the kernel may still write to the place.
    var isBusy = false
  }

  /// What the kernel has counted.
  struct Counted {
    var bulk = Count()
    var keepalives = Count()
    /// The latest, since the machine was started, in nanoseconds.
    var last: UInt64 = 0
    /// A sender's first message of these.
    var counter: UInt64 = 0

    var frames: Int { bulk.frames &+ keepalives.frames }
  }

  static var capacity: Int { Int(COUNTED_FLOWS) }
  private static var value: UInt64 { (1 << 48) - 1 }
  private static var generationBit: UInt64 { 1 << 48 }
  private static var stopped: UInt64 { 1 << 63 }
  /// How often to look again until the kernel has counted a frame in whole that it has begun to count: some milliseconds,
  /// where nanoseconds are enough unless the processor was taken away from it.
  private static var patience: Int { 2_000_000 }

  private let shared: OpaquePointer?
  private let seed: UInt64
  private var entries: [Entry] = []
  /// Places in use: of tunnels, which are few, and others.
  private(set) var tunnels: [Int] = []
  private(set) var others: [Int] = []

  /// One that the kernel has no part in.
  init() {
    unsafe shared = nil
    seed = 0
  }

  init(_ shared: OpaquePointer) {
    unsafe self.shared = shared
    seed = unsafe counting_seed(shared)
    entries = Array(repeating: Entry(), count: Self.capacity)
  }

  var isActive: Bool { !entries.isEmpty }

  private func flow(_ place: Int) -> UnsafeMutablePointer<counted_flow> {
    unsafe counting_flow(shared, UInt32(entries.indices.contains(place) ? place : 0))!
  }

  private static func key(_ flow: LinkFlow) -> counted_key {
    counted_key(words: flow.words)
  }

  /// The position of the flow at a place; nil if the place is free.
  func position(_ place: Int) -> Int? { entries[place].position < 0 ? nil : Int(entries[place].position) }

  /// A free place for a flow; or the flows that have its places.
  func place(for key: LinkFlow) -> (free: Int?, taken: [Int]) {
    var key = Self.key(key)
    let first = Int(unsafe counted_place(seed, &key))
    let places = first..<first + Int(COUNTED_WAYS)
    return (places.first { entries[$0].position == -1 }, Array(places))
  }

  /// When the flow at a place was counted last, since the machine was started, in nanoseconds.
  func last(_ place: Int) -> UInt64 { unsafe counted_load(&flow(place).pointee.last) }

  /// Has the kernel count a flow at a free place from now on. `receiver`: that of a sender's messages, which are counted
  /// behind the next one that passes.
  mutating func open(
    _ place: Int, for position: Int, _ key: LinkFlow, isTunnel: Bool, receiver: UInt32?, at moment: UInt64
  ) {
    let generation = (entries[place].generation &+ Self.generationBit) & ~(Self.value | Self.stopped)
    entries[place] = Entry(
      position: Int32(truncatingIfNeeded: position), isSent: receiver != nil, generation: generation)
    let flow = unsafe flow(place)
    unsafe flow.pointee.key = Self.key(key)
    unsafe flow.pointee.kind = UInt32(receiver != nil ? COUNTED_SENT : isTunnel ? COUNTED_RECEIVED : COUNTED_PLAIN)
    unsafe flow.pointee.receiver = receiver ?? 0
    unsafe (flow.pointee.done, flow.pointee.bytes, flow.pointee.keepalives) = (0, 0, 0)
    unsafe (flow.pointee.keepalive_bytes, flow.pointee.first, flow.pointee.last) = (0, 0, moment)
    if isTunnel { tunnels.append(place) } else { others.append(place) }
    unsafe counted_store(&flow.pointee.word, generation | (receiver == nil ? 0 : Self.value))
  }

  /// Has the kernel count a sender's messages again, which it does no more since one was out of order.
  mutating func arm(_ place: Int) {
    entries[place].doneWhenArmed = entries[place].done
    entries[place].generation =
      (entries[place].generation &+ Self.generationBit) & ~(Self.value | Self.stopped)
    unsafe counted_store(&flow(place).pointee.word, entries[place].generation | Self.value)
  }

  /// Whether the kernel counts the flow at a place no more.
  func isStopped(_ place: Int) -> Bool { unsafe counted_load(&flow(place).pointee.word) & Self.stopped != 0 }

  /// Whether all that the kernel has counted at a place that is stopped was taken.
  mutating func hasNothingLeft(_ place: Int) -> Bool {
    stop(place)
    let done = unsafe counted_load(&flow(place).pointee.done)
    return !entries[place].isBusy && done == entries[place].done
  }

  /// Ends the counting at a place, and waits until what the kernel has begun to count is counted in whole. Where that takes
  /// too long, what was begun counts, and the place is used no more.
  mutating func stop(_ place: Int) {
    let flow = unsafe flow(place)
    let value = unsafe counted_stop(&flow.pointee.word) & Self.value
    let entry = entries[place]
    var expected = entry.doneWhenArmed &+ value
    if entry.isSent {
      // Nothing was counted behind a message that never came; or the kernel is just noting that one.
      if value == Self.value { return }
      if value == Self.value - 1 {
        entries[place].isBusy = true
        return
      }
      let first = unsafe flow.pointee.first
      expected = entry.doneWhenArmed &+ value &- first
    }
    for _ in 0..<Self.patience {
      if unsafe counted_load(&flow.pointee.done) >= expected { return }
    }
    entries[place].isBusy = true
    entries[place].begun = expected
  }

  /// Frees a place that is stopped.
  mutating func free(_ place: Int) {
    entries[place].position = entries[place].isBusy ? -2 : -1
    // From the end: all are freed in that order.
    if let index = tunnels.lastIndex(of: place) { tunnels.remove(at: index) }
    if let index = others.lastIndex(of: place) { others.remove(at: index) }
  }

  /// Takes what the kernel has counted at a place since the last call; nil if that is nothing.
  mutating func take(_ place: Int) -> Counted? {
    let flow = unsafe flow(place)
    let entry = entries[place]
    let done = max(unsafe counted_load(&flow.pointee.done), entry.begun ?? 0)
    guard done != entry.done else { return nil }
    var counted = Counted()
    if entry.isSent {
      counted.counter = unsafe counted_load(&flow.pointee.first) &+ (entry.done &- entry.doneWhenArmed)
    }
    let keepalives = unsafe counted_load(&flow.pointee.keepalives)
    let keepaliveBytes = unsafe counted_load(&flow.pointee.keepalive_bytes)
    let bulk = unsafe counted_load(&flow.pointee.bytes)
    counted.keepalives = Count(
      frames: Int(truncatingIfNeeded: min(keepalives &- entry.keepalives, done &- entry.done)),
      bytes: Int(truncatingIfNeeded: keepaliveBytes &- entry.keepaliveBytes))
    counted.bulk = Count(
      frames: Int(truncatingIfNeeded: done &- entry.done) &- counted.keepalives.frames,
      bytes: Int(truncatingIfNeeded: bulk &- entry.bulk))
    counted.last = unsafe counted_load(&flow.pointee.last)
    entries[place].done = done
    entries[place].keepalives = entry.keepalives &+ UInt64(counted.keepalives.frames)
    entries[place].keepaliveBytes = keepaliveBytes
    entries[place].bulk = bulk
    return counted
  }
}
