import Wire

/// Frames of each class over time, in equal steps, for a picture.
///
/// A step is a power of two of units, a unit is 1/512 of a second, and steps begin at multiples of their length since
/// 1970: so the steps of two audits fit together. If there were too many of them, their length doubles: below a second
/// more than 256, else more than 2048. So the length depends only on the first and the last frame, not on the order of
/// adding.
public struct Traffic: Sendable {
  public typealias Step = [5 of Int]

  public static var unitsPerSecond: Int64 { 512 }
  /// In nanoseconds; 512 of them are exactly a second.
  private static var unit: Int64 { 1_953_125 }
  private static var fineLimit: Int { 256 }
  private static var coarseLimit: Int { 2048 }

  /// The length of a step in units.
  public private(set) var units: Int64 = 1
  /// The first step, as a multiple of its length since 1970.
  public private(set) var start: Int64 = 0
  public private(set) var steps: [Step] = []

  /// Frames that are counted but not in a step yet: all of them belong to the current one.
  private var pending = Step(repeating: 0)
  private var current: Int64 = 0
  /// Frames from `begin` on, for `length` nanoseconds, belong to the current step; before the first one, none do.
  private var begin: Int64 = 0
  private var length: UInt64 = 0

  /// What `holds` checks: the current step's time, up to the moment after which frames have to wait.
  private(set) var window = Window()

  struct Window: Sendable, BitwiseCopyable {
    var begin: Int64 = 0
    var length: UInt64 = 0

    @inline(__always)
    func holds(_ moment: Timestamp) -> Bool { UInt64(bitPattern: moment.nanoseconds &- begin) < length }
  }

  mutating func count(_ verdictClass: VerdictClass, _ frames: Int) { pending[verdictClass.rawValue] &+= frames }

  /// Makes frames after the moment wait.
  mutating func wait(behind moment: Timestamp) {
    let (ahead, overflow) = moment.nanoseconds.subtractingReportingOverflow(begin)
    window = Window(
      begin: begin, length: moment.nanoseconds < begin ? 0 : overflow ? length : min(length, UInt64(ahead) + 1))
  }

  /// Moves to the step of the frame that is counted next.
  mutating func move(to moment: Timestamp) {
    collect()
    let step = Self.floor(moment.nanoseconds, Self.unit * units)
    reach(step)
    current = Self.floor(moment.nanoseconds, Self.unit * units)
    let (first, underflow) = current.multipliedReportingOverflow(by: Self.unit * units)
    // The step that contains the earliest timestamps (1677) begins before what a timestamp can say.
    begin = underflow ? .min : first
    let (next, overflow) = first.addingReportingOverflow(Self.unit * units)
    let end = underflow ? first &+ Self.unit * units : overflow ? .max : next
    length = UInt64(bitPattern: end &- begin)
  }

  /// Adds what was counted since the latest `move` to its step.
  mutating func collect() {
    guard (0..<5).contains(where: { pending[$0] > 0 }) else { return }
    let index = Int(current - start)
    guard steps.indices.contains(index) else { return }
    for verdictClass in 0..<5 { steps[index][verdictClass] &+= pending[verdictClass] }
    pending = Step(repeating: 0)
  }

  /// How many steps of this length there may be.
  private var limit: Int { units < Self.unitsPerSecond ? Self.fineLimit : Self.coarseLimit }

  /// Makes room for a step; makes all steps longer if needed.
  private mutating func reach(_ step: Int64) {
    guard !steps.isEmpty else {
      start = step
      steps.reserveCapacity(limit)
      steps.append(Step(repeating: 0))
      return
    }
    var step = step
    while max(step, start + Int64(steps.count) - 1) - min(step, start) >= Int64(limit) {
      double()
      step = Self.floor(step, 2)
    }
    let missing = Step(repeating: 0)
    if step < start {
      steps.insert(contentsOf: repeatElement(missing, count: Int(start - step)), at: 0)
      start = step
    } else if step >= start + Int64(steps.count) {
      steps += repeatElement(missing, count: Int(step - start) - steps.count + 1)
    }
  }

  private mutating func double() {
    let newStart = Self.floor(start, 2)
    var joined: [Step] = []
    joined.reserveCapacity(units * 2 < Self.unitsPerSecond ? Self.fineLimit : Self.coarseLimit)
    for (index, step) in steps.enumerated() {
      let position = Int(Self.floor(start + Int64(index), 2) - newStart)
      if position == joined.count { joined.append(Step(repeating: 0)) }
      for verdictClass in 0..<5 { joined[position][verdictClass] &+= step[verdictClass] }
    }
    steps = joined
    start = newStart
    units *= 2
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

extension Traffic {
  /// When the first step begins, in units since 1970.
  public var startUnits: Int64 { start * units }

  /// The same traffic in steps of whole seconds.
  public var inSeconds: Self {
    var whole = self
    whole.collect()
    while whole.units < Self.unitsPerSecond { whole.double() }
    return whole
  }

  /// Adds what two audits saw.
  public static func + (one: Self, other: Self) -> Self {
    var sum = one
    sum.collect()
    var other = other
    other.collect()
    guard !other.steps.isEmpty else { return sum }
    if sum.steps.isEmpty { return other }
    while sum.units < other.units { sum.double() }
    while other.units < sum.units { other.double() }
    // Reaching one end can make steps longer, so the other's steps follow.
    for edge in [\Traffic.first, \Traffic.last] {
      sum.reach(other[keyPath: edge])
      while other.units < sum.units { other.double() }
    }
    for (index, step) in other.steps.enumerated() {
      let position = Int(other.start - sum.start) + index
      for verdictClass in 0..<5 { sum.steps[position][verdictClass] &+= step[verdictClass] }
    }
    return sum
  }

  private var first: Int64 { start }
  private var last: Int64 { start + Int64(steps.count) - 1 }

  /// Restores what `startUnits`, `units` and `steps` gave. Nil if there are too many steps, or if their length is not a
  /// power of two.
  public init?(startUnits: Int64, units: Int64, steps: [Step]) {
    guard units > 0, units & (units - 1) == 0, units <= 1 << 49, !steps.isEmpty, startUnits % units == 0,
      abs(startUnits) < 1 << 49
    else { return nil }
    self.init()
    self.units = units
    guard steps.count <= limit else { return nil }
    start = startUnits / units
    self.steps = steps
  }
}

extension Traffic {
  /// Counts one frame at its own moment, at once.
  mutating func add(_ verdictClass: VerdictClass, at moment: Timestamp) {
    move(to: moment)
    count(verdictClass, 1)
    collect()
  }

  /// The same traffic, with the frames of one class counted as another's.
  func moved(from old: VerdictClass, to new: VerdictClass) -> Self {
    var moved = self
    for index in moved.steps.indices {
      moved.steps[index][new.rawValue] &+= moved.steps[index][old.rawValue]
      moved.steps[index][old.rawValue] = 0
    }
    return moved
  }
}
