import Wire

/// Frames of each class over time, in equal steps, for a picture.
///
/// Steps are whole seconds, a power of two of them, and begin at multiples of their length since 1970: the steps of two
/// audits fit together. When there would be more than `limit` of them their length doubles.
public struct Traffic: Sendable {
  public typealias Step = [5 of Int]

  static var limit: Int { 2048 }
  private static var second: Int64 { 1_000_000_000 }

  /// The length of a step in seconds.
  public private(set) var seconds: Int64 = 1
  /// The first step, as a multiple of `seconds` since 1970.
  public private(set) var start: Int64 = 0
  public private(set) var steps: [Step] = []

  /// Frames that are counted and in no step yet: all of them belong to the current one.
  private var pending = Step(repeating: 0)
  private var current: Int64 = 0
  /// Frames from `begin` on, for `length` nanoseconds, belong to the current step; nothing does before the first.
  private var begin: Int64 = 0
  private var length: UInt64 = 0

  /// What `holds` is asked about: the current step's time, up to a moment behind which frames have to wait.
  private(set) var window = Window()

  struct Window: Sendable, BitwiseCopyable {
    var begin: Int64 = 0
    var length: UInt64 = 0

    @inline(__always)
    func holds(_ moment: Timestamp) -> Bool { UInt64(bitPattern: moment.nanoseconds &- begin) < length }
  }

  mutating func count(_ verdictClass: VerdictClass, _ frames: Int) { pending[verdictClass.rawValue] &+= frames }

  /// Lets frames behind the moment wait.
  mutating func wait(behind moment: Timestamp) {
    let (ahead, overflow) = moment.nanoseconds.subtractingReportingOverflow(begin)
    window = Window(
      begin: begin, length: moment.nanoseconds < begin ? 0 : overflow ? length : min(length, UInt64(ahead) + 1))
  }

  /// Goes to the step of a frame that is to be counted next.
  mutating func move(to moment: Timestamp) {
    collect()
    let step = Self.floor(moment.nanoseconds, Self.second * seconds)
    reach(step)
    current = Self.floor(moment.nanoseconds, Self.second * seconds)
    let (first, underflow) = current.multipliedReportingOverflow(by: Self.second * seconds)
    // The step that 1677 is in begins before what a timestamp can say.
    begin = underflow ? .min : first
    let (next, overflow) = first.addingReportingOverflow(Self.second * seconds)
    let end = underflow ? first &+ Self.second * seconds : overflow ? .max : next
    length = UInt64(bitPattern: end &- begin)
  }

  /// Takes over what was counted since the latest `move`.
  mutating func collect() {
    guard (0..<5).contains(where: { pending[$0] > 0 }) else { return }
    let index = Int(current - start)
    guard steps.indices.contains(index) else { return }
    for verdictClass in 0..<5 { steps[index][verdictClass] &+= pending[verdictClass] }
    pending = Step(repeating: 0)
  }

  /// Makes room for a step, with longer ones if need be.
  private mutating func reach(_ step: Int64) {
    guard !steps.isEmpty else {
      start = step
      steps.reserveCapacity(Self.limit)
      steps.append(Step(repeating: 0))
      return
    }
    var step = step
    while max(step, start + Int64(steps.count) - 1) - min(step, start) >= Int64(Self.limit) {
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
    joined.reserveCapacity(Self.limit)
    for (index, step) in steps.enumerated() {
      let position = Int(Self.floor(start + Int64(index), 2) - newStart)
      if position == joined.count { joined.append(Step(repeating: 0)) }
      for verdictClass in 0..<5 { joined[position][verdictClass] &+= step[verdictClass] }
    }
    steps = joined
    start = newStart
    seconds *= 2
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

extension Traffic {
  /// When the first step begins, in seconds since 1970.
  public var startSeconds: Int64 { start * seconds }

  /// What two audits saw together.
  public static func + (one: Self, other: Self) -> Self {
    var sum = one
    sum.collect()
    var other = other
    other.collect()
    guard !other.steps.isEmpty else { return sum }
    if sum.steps.isEmpty { return other }
    while sum.seconds < other.seconds { sum.double() }
    while other.seconds < sum.seconds { other.double() }
    // Reaching the one end can make steps longer, so the other's follow.
    for edge in [\Traffic.first, \Traffic.last] {
      sum.reach(other[keyPath: edge])
      while other.seconds < sum.seconds { other.double() }
    }
    for (index, step) in other.steps.enumerated() {
      let position = Int(other.start - sum.start) + index
      for verdictClass in 0..<5 { sum.steps[position][verdictClass] &+= step[verdictClass] }
    }
    return sum
  }

  private var first: Int64 { start }
  private var last: Int64 { start + Int64(steps.count) - 1 }

  /// As `startSeconds`, `seconds` and `steps` tell it. Nil where the steps are too many or their length is no power of two.
  public init?(startSeconds: Int64, seconds: Int64, steps: [Step]) {
    guard seconds > 0, seconds & (seconds - 1) == 0, seconds <= 1 << 40, !steps.isEmpty, steps.count <= Self.limit,
      startSeconds % seconds == 0, abs(startSeconds) < 1 << 40
    else { return nil }
    self.init()
    self.seconds = seconds
    start = startSeconds / seconds
    self.steps = steps
  }
}

extension Traffic {
  /// Counts a frame of its own moment at once.
  mutating func add(_ verdictClass: VerdictClass, at moment: Timestamp) {
    move(to: moment)
    count(verdictClass, 1)
    collect()
  }

  /// The same with the frames of one class counted as another's.
  func moved(from old: VerdictClass, to new: VerdictClass) -> Self {
    var moved = self
    for index in moved.steps.indices {
      moved.steps[index][new.rawValue] &+= moved.steps[index][old.rawValue]
      moved.steps[index][old.rawValue] = 0
    }
    return moved
  }
}
