import TestSupport
import Testing

@testable import StackCheck

/// Sets of packets as boxes: each operation is checked packet by packet against its definition.
struct HeaderSpaceTests {
  private static func box(_ random: inout SeededGenerator) -> HeaderBox {
    var box = HeaderBox(.ipv4)
    // Small numbers, so that boxes overlap, and both ends of each range.
    func range<Bound: FixedWidthInteger>(_ last: Bound, _ random: inout SeededGenerator) -> ClosedRange<Bound> {
      let bounds: [Bound] = [0, 1, 2, 3, 4, last - 1, last]
      let ends = [bounds.randomElement(using: &random)!, bounds.randomElement(using: &random)!].sorted()
      return Int.random(in: 0..<3, using: &random) == 0 ? 0...last : ends[0]...ends[1]
    }
    box.destination = range(UInt128(UInt32.max), &random)
    box.source = range(UInt128(UInt32.max), &random)
    box.destinationPort = range(UInt16.max, &random)
    box.sourcePort = range(UInt16.max, &random)
    box.icmp = range(UInt16.max, &random)
    box.protocols = [.all, ProtocolSet([6, 17]), ProtocolSet([1]), ProtocolSet(0...200)].randomElement(using: &random)!
    box.outInterfaces = UInt64.random(in: 1...15, using: &random)
    box.inInterfaces = UInt64.random(in: 1...3, using: &random)
    box.marks = UInt64.random(in: 1...7, using: &random)
    box.states = ConnectionStates(rawValue: UInt8.random(in: 1...31, using: &random))
    box.kinds = DestinationKinds(rawValue: UInt8.random(in: 1...7, using: &random))
    return box
  }

  private static func packet(_ random: inout SeededGenerator) -> HeaderPacket {
    func number<Bound: FixedWidthInteger>(_ last: Bound) -> Bound {
      [0, 1, 2, 3, 4, 5, last - 1, last].randomElement(using: &random)!
    }
    return HeaderPacket(
      destination: .init(number(UInt128(UInt32.max)), .ipv4), source: .init(number(UInt128(UInt32.max)), .ipv4),
      protocolNumber: [1, 6, 17, 201, 255].randomElement(using: &random)!, destinationPort: number(.max),
      sourcePort: number(.max), icmp: number(.max), outInterface: Int.random(in: 0..<4, using: &random),
      inInterface: Int.random(in: 0..<2, using: &random), mark: Int.random(in: 0..<3, using: &random),
      state: ConnectionStates(rawValue: 1 << UInt8.random(in: 0..<5, using: &random)),
      kind: DestinationKinds(rawValue: 1 << UInt8.random(in: 0..<3, using: &random)))
  }

  private static func region(_ random: inout SeededGenerator) throws -> HeaderRegion {
    try HeaderRegion(anyOf: (0..<Int.random(in: 0...3, using: &random)).map { _ in box(&random) })
  }

  /// Half of the packets are from the region itself, whose edges matter.
  private static func packet(near region: HeaderRegion, _ random: inout SeededGenerator) -> HeaderPacket {
    var packet = packet(&random)
    guard Bool.random(using: &random), let box = region.boxes.randomElement(using: &random) else { return packet }
    packet.destination = .init(
      [box.destination.lowerBound, box.destination.upperBound].randomElement(using: &random)!, .ipv4)
    packet.source = .init([box.source.lowerBound, box.source.upperBound].randomElement(using: &random)!, .ipv4)
    packet.destinationPort = box.destinationPort.upperBound
    packet.sourcePort = box.sourcePort.lowerBound
    packet.icmp = box.icmp.lowerBound
    packet.protocolNumber = box.protocols.numbers.randomElement(using: &random)!
    packet.outInterface = box.outInterfaces.trailingZeroBitCount
    packet.inInterface = box.inInterfaces.trailingZeroBitCount
    packet.mark = box.marks.trailingZeroBitCount
    packet.state = ConnectionStates.names.map(\.state).first { box.states.contains($0) }!
    packet.kind = [.ordinary, .own, .broadcast].first { box.kinds.contains($0) }!
    return packet
  }

  @Test func `set operations hold for each packet`() throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    var inside = 0
    for _ in 0..<400 {
      let left = try Self.region(&random)
      let right = try Self.region(&random)
      let both = try left.intersection(right)
      let difference = try left.subtracting(right)
      let either = try left.union(right)
      for _ in 0..<40 {
        let packet = Self.packet(near: [left, right, both].randomElement(using: &random)!, &random)
        let isLeft = left.contains(packet)
        let isRight = right.contains(packet)
        #expect(both.contains(packet) == (isLeft && isRight))
        #expect(difference.contains(packet) == (isLeft && !isRight))
        #expect(either.contains(packet) == (isLeft || isRight))
        // Boxes of a region share no packet.
        for region in [both, difference, either] { #expect(region.boxes.count { $0.contains(packet) } <= 1) }
        if isLeft, isRight { inside += 1 }
      }
    }
    // About 600 of 16,000: a mistake would show where both overlap.
    #expect(inside > 200)
  }

  @Test func `a box minus itself is empty, and its sample packet lies inside`() throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    let context = try HeaderContext(.ipv4, interfaces: ["lo", "eth0", "wg0"], marks: [0, 1, 2])
    for _ in 0..<500 {
      let box = Self.box(&random)
      #expect(box.subtracting(box).isEmpty)
      #expect(box.contains(box.witness(context)))
    }
  }

  @Test func `whole address spaces have no edge cases`() throws {
    for family in IPFamily.allCases {
      let whole = HeaderRegion(HeaderBox(family))
      var last = HeaderBox(family)
      last.destination = family.addresses.upperBound...family.addresses.upperBound
      let rest = try whole.subtracting(HeaderRegion(last))
      #expect(rest.boxes.count == 1)
      #expect(rest.boxes[0].destination.upperBound == family.addresses.upperBound - 1)
      #expect(try whole.subtracting(whole).isEmpty)
    }
  }

  @Test func `rules that derive marks without end exceed the limit`() {
    #expect(throws: HeaderSpaceError.tooLarge) {
      _ = try HeaderContext(
        .ipv4, interfaces: [], marks: [0], changes: (0..<32).map { (value: UInt32(1) << UInt32($0), mask: 0) })
    }
  }
}
