import CPcap

/// Follows a classic BPF program (bpf(4)) for a packet of which only an outline is known. At each branch that depends
/// on unknown data it follows both paths.
///
/// It errs on one side only: a filter that it says never matches does not match, and one that it calls certain matches.
/// The work is bounded; at the bound, the result is that the filter may match anything.
struct FilterAnalysis {
  struct Instruction: Sendable {
    var code: UInt16
    var ifTrue: UInt8
    var ifFalse: UInt8
    var operand: UInt32
  }

  private struct State {
    var position = 0
    var accumulator = BoundedValue(0)
    var index = BoundedValue(0)
    var memory = [16 of BoundedValue](repeating: BoundedValue(0))
    var payload = PayloadBytes.all
  }

  private static let mostSteps = 4000

  private let program: [Instruction]
  private let outline: PacketOutline
  private var outcome = FilterOutcome()
  private var canFail = false
  /// Whether a branch depended on data that differs between packets of a flow.
  private var dependsOnMore = false
  private var steps = 0

  private init(_ program: [Instruction], _ outline: PacketOutline) {
    self.program = program
    self.outline = outline
  }

  static func outcome(of program: [Instruction], over outline: PacketOutline) -> FilterOutcome {
    var analysis = FilterAnalysis(program, outline)
    analysis.follow(State())
    if analysis.steps >= Self.mostSteps { return FilterOutcome(mayMatch: .all, isCertain: false) }
    analysis.outcome.isCertain = !analysis.canFail && !analysis.outcome.mayMatch.isEmpty
    analysis.outcome.isSameForFlow = !analysis.dependsOnMore
    return analysis.outcome
  }

  /// Follows a path through the program, starting from a state.
  private mutating func follow(_ start: State) {
    var state = start
    while program.indices.contains(state.position), steps < Self.mostSteps {
      steps += 1
      let instruction = program[state.position]
      state.position += 1
      // The lowest three bits are the instruction classes of bpf(4).
      switch instruction.code & 7 {
      case 0: state.accumulator = load(instruction, state)
      case 1: state.index = load(instruction, state)
      case 2: state.memory[Int(instruction.operand & 15)] = state.accumulator
      case 3: state.memory[Int(instruction.operand & 15)] = state.index
      case 4: state.accumulator = compute(instruction, state)
      case 5:
        if instruction.code & 0xF0 == 0 {
          state.position += Int(Int32(bitPattern: instruction.operand))
          continue
        }
        let ways = branch(instruction, state)
        if !ways.isTrue.isEmpty, !ways.isFalse.isEmpty {
          let right = instruction.code & 8 == 0 || state.index.isSameForFlow
          if !state.accumulator.isSameForFlow || !right { dependsOnMore = true }
          var other = state
          other.position += Int(instruction.ifFalse)
          other.payload = ways.isFalse
          follow(other)
        }
        let takes = !ways.isTrue.isEmpty
        if !takes, ways.isFalse.isEmpty { return }
        state.position += Int(takes ? instruction.ifTrue : instruction.ifFalse)
        state.payload = takes ? ways.isTrue : ways.isFalse
      case 6:
        let result = instruction.code & 0x18 == 0x10 ? state.accumulator : BoundedValue(instruction.operand)
        if result.range.upperBound > 0 { outcome.mayMatch.formUnion(state.payload) }
        if result.range.lowerBound == 0 { canFail = true }
        if !result.isSameForFlow { dependsOnMore = true }
        return
      default:
        if instruction.code & 0xF8 == 0 { state.index = state.accumulator } else { state.accumulator = state.index }
      }
    }
    canFail = true
    // A program without a return matches nothing; one that was not followed to its end may match.
    if steps >= Self.mostSteps { outcome.mayMatch = .all }
  }

  private mutating func load(_ instruction: Instruction, _ state: State) -> BoundedValue {
    let length = [4, 2, 1, 4][Int(instruction.code >> 3 & 3)]
    switch instruction.code & 0xE0 {
    case 0x00: return BoundedValue(instruction.operand)
    case 0x20: return load(Int(instruction.operand), length)
    case 0x40:
      guard let index = state.index.value else {
        (canFail, dependsOnMore) = (true, true)
        return .unknown
      }
      return load(Int(index) + Int(instruction.operand), length)
    case 0x60: return state.memory[Int(instruction.operand & 15)]
    case 0x80: return .unknown
    default:
      // Four times the lowest four bits: the length of an IPv4 header.
      guard let byte = load(Int(instruction.operand), 1).value else { return .unknown }
      return BoundedValue((byte & 0xF) * 4)
    }
  }

  /// A load beyond the packet's end makes the filter match nothing.
  private mutating func load(_ offset: Int, _ length: Int) -> BoundedValue {
    if offset + length > outline.length { (canFail, dependsOnMore) = (true, true) }
    return outline.load(offset, length)
  }

  private mutating func compute(_ instruction: Instruction, _ state: State) -> BoundedValue {
    let left = state.accumulator
    let right = instruction.code & 8 == 0 ? BoundedValue(instruction.operand) : state.index
    if instruction.code & 0xF0 == 0x50, let mask = right.value { return left.masked(mask) }
    if instruction.code & 0xF0 == 0x10, left.value == nil, let less = right.value.flatMap(left.minus) { return less }
    guard let one = left.value, let other = right.value else {
      if [0x30, 0x90].contains(instruction.code & 0xF0), right.range.contains(0) {
        (canFail, dependsOnMore) = (true, true)
      }
      return BoundedValue(0 ... .max, isSameForFlow: left.isSameForFlow && right.isSameForFlow)
    }
    switch instruction.code & 0xF0 {
    case 0x00: return BoundedValue(one &+ other)
    case 0x10: return BoundedValue(one &- other)
    case 0x20: return BoundedValue(one &* other)
    case 0x40: return BoundedValue(one | other)
    case 0x60: return BoundedValue(other < 32 ? one << other : 0)
    case 0x70: return BoundedValue(other < 32 ? one >> other : 0)
    case 0x80: return BoundedValue(0 &- one)
    case 0xA0: return BoundedValue(one ^ other)
    default:
      (canFail, dependsOnMore) = (true, true)
      return .unknown
    }
  }

  /// The payloads with which a comparison may be true, and those with which it may be false.
  private func branch(_ instruction: Instruction, _ state: State) -> (isTrue: PayloadBytes, isFalse: PayloadBytes) {
    let left = state.accumulator
    guard let right = instruction.code & 8 == 0 ? instruction.operand : state.index.value else {
      return (state.payload, state.payload)
    }
    let answer = Self.compare(instruction.code, left, right)
    var isTrue = answer.mayBeTrue ? state.payload : .none
    var isFalse = answer.mayBeFalse ? state.payload : .none
    guard let part = left.payload else { return (isTrue, isFalse) }
    if instruction.code & 0xF0 == 0x10 {
      // An equal number is equal in each byte; an unequal one says something only if just one of its bytes is kept.
      for byte in 0..<part.length where part.offset + byte < PayloadBytes.count {
        let mask = part.mask & 0xFF << part.shift(byte)
        guard mask != 0 else { continue }
        let position = part.offset + byte
        let equal = ByteSet.equal(
          to: UInt8(truncatingIfNeeded: right >> part.shift(byte)),
          under: UInt8(truncatingIfNeeded: mask >> part.shift(byte)))
        isTrue[position] = isTrue[position].intersection(equal)
        if mask == part.mask, answer.mayBeTrue { isFalse[position] = isFalse[position].subtracting(equal) }
      }
    } else if part.offset < PayloadBytes.count {
      // The first byte decides most comparisons of an order.
      let answers = ByteSet.answers { Self.compare(instruction.code, left.with($0, part), right) }
      isTrue[part.offset] = isTrue[part.offset].intersection(answers.isTrue)
      isFalse[part.offset] = isFalse[part.offset].intersection(answers.isFalse)
    }
    return (isTrue, isFalse)
  }

  private static func compare(
    _ code: UInt16, _ left: BoundedValue, _ right: UInt32
  ) -> (mayBeTrue: Bool, mayBeFalse: Bool) {
    switch code & 0xF0 {
    case 0x10:
      let mayBe = left.range.contains(right) && right & ~left.bits == 0
      return (mayBe, left.value != right)
    case 0x20: return (left.range.upperBound > right, left.range.lowerBound <= right)
    case 0x30: return (left.range.upperBound >= right, left.range.lowerBound < right)
    case 0x40:
      if let value = left.value { return (value & right != 0, value & right == 0) }
      return (left.bits & right != 0, true)
    default: return (true, true)
    }
  }
}

extension BoundedValue {
  /// The value after a mask is applied.
  func masked(_ mask: UInt32) -> Self {
    if let value { return Self(value & mask) }
    // Values that differ only below the mask's lowest bit are the same after masking.
    let differing = range.lowerBound ^ range.upperBound
    if payload == nil, differing.leadingZeroBitCount >= 32 - mask.trailingZeroBitCount {
      return Self(range.lowerBound & mask)
    }
    var masked = Self(0...(bits & mask), bits: bits & mask, isSameForFlow: isSameForFlow)
    masked.payload = payload
    masked.payload?.mask &= mask
    return masked
  }

  /// The value if the first byte of the payload's part that it was read from is `byte`.
  func with(_ byte: UInt8, _ part: PayloadPart) -> Self {
    let shift = part.shift(0)
    let top = UInt32(byte) << shift & part.mask
    let below = (UInt32(1) << shift - 1) & part.mask
    return Self(top...(top | below), bits: top | below)
  }

  /// The value less a number, if it is certainly not below that number.
  func minus(_ number: UInt32) -> Self? {
    guard range.lowerBound >= number else { return nil }
    return Self((range.lowerBound - number)...(range.upperBound - number), isSameForFlow: isSameForFlow)
  }
}

extension ByteSet {
  /// The bytes for which an answer may be true, and those for which it may be false.
  fileprivate static func answers(
    _ answer: (UInt8) -> (mayBeTrue: Bool, mayBeFalse: Bool)
  ) -> (isTrue: Self, isFalse: Self) {
    var sets = (isTrue: Self.none, isFalse: Self.none)
    for byte in UInt8.min ... .max {
      let answer = answer(byte)
      if answer.mayBeTrue { sets.isTrue.insert(byte) }
      if answer.mayBeFalse { sets.isFalse.insert(byte) }
    }
    return sets
  }
}
