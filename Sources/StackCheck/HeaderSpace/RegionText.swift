import Wire

/// A set of packets in an operator's words: "UDP from port 6881 to anywhere".
struct RegionText {
  private let context: HeaderContext
  private let networks: [String]
  /// All packets of this kind of leak. Packets outside of it are not part of what is said.
  private let space: HeaderRegion
  private let kind: LeakSpace.Kind
  /// The destinations that occur in it, in order.
  private let destinations: [ClosedRange<UInt128>]

  init(_ openings: Openings, _ kind: LeakSpace.Kind) {
    context = openings.context
    networks = openings.context.interfaces.enumerated()
      .filter { openings.leaks.leaving.outInterfaces & 1 << UInt64($0.offset) != 0 }.map(\.element)
    self.kind = kind
    space = openings.leaks[kind]
    destinations = Self.merged(space.boxes.map(\.destination))
  }

  func describe(_ region: HeaderRegion) -> String {
    let lines = simplified(region).map(sentence)
    var seen: Set<String> = []
    let told = lines.filter { seen.insert($0).inserted }
    let shown = told.prefix(3).joined(separator: "; ")
    return told.count > 3 ? "\(shown); and \(told.count - 3) more" : shown
  }

  /// Boxes that each say as much as possible. They may overlap, and extend beyond the kind.
  private func simplified(_ region: HeaderRegion) -> [HeaderBox] {
    var left = region
    var result: [HeaderBox] = []
    // The text must not include packets of the kind that are outside of the region.
    guard let forbidden = try? space.subtracting(region) else { return region.boxes }
    while let box = left.boxes.first, result.count < 20 {
      let wide = widened(box, without: forbidden)
      result.append(wide)
      guard let next = try? left.subtracting(HeaderRegion(wide)) else { break }
      left = next
    }
    return result
  }

  /// The box, widened as far as possible in one respect after the other.
  private func widened(_ box: HeaderBox, without forbidden: HeaderRegion) -> HeaderBox {
    var box = box
    func attempt(_ change: (inout HeaderBox) -> Void) {
      var wider = box
      change(&wider)
      if forbidden.intersection(wider).isEmpty { box = wider }
    }
    let all = context.everything
    attempt { $0.source = all.source }
    if kind == .internet { attempt { $0.destination = all.destination } }
    attempt { $0.kinds = all.kinds }
    attempt { $0.marks = all.marks }
    attempt { $0.outInterfaces = all.outInterfaces }
    attempt { $0.states = all.states }
    attempt { $0.icmp = all.icmp }
    attempt { $0.sourcePort = all.sourcePort }
    attempt { $0.destinationPort = all.destinationPort }
    attempt { $0.protocols = all.protocols }
    attempt { $0.inInterfaces = all.inInterfaces }
    for length in 0..<(context.family == .ipv4 ? 32 : 128) where box.destination != all.destination {
      let around = IPPrefix(IPAddress(box.destination.lowerBound, context.family), length: length).numbers
      guard around.contains(box.destination.upperBound) else { break }
      if kind != .resolver, kind != .endpointBypass, isFilled(around) { attempt { $0.destination = around } }
      if box.destination == around { break }
    }
    return box
  }

  /// Whether the kind fills a range of destinations, except for single addresses.
  private func isFilled(_ range: ClosedRange<UInt128>) -> Bool {
    let inside = destinations.compactMap { $0.common(with: range) }
    guard let first = inside.first, let last = inside.last else { return false }
    guard first.lowerBound - range.lowerBound <= 1, range.upperBound - last.upperBound <= 1 else { return false }
    return zip(inside, inside.dropFirst()).allSatisfy { $1.lowerBound - $0.upperBound <= 2 }
  }

  private static func merged(_ ranges: [ClosedRange<UInt128>]) -> [ClosedRange<UInt128>] {
    var merged: [ClosedRange<UInt128>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound || range.lowerBound - last.upperBound == 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  private func sentence(_ box: HeaderBox) -> String {
    var text = protocols(box.protocols)
    if kind == .localDNS { text = box.protocols == .all ? "DNS" : "DNS by \(text)" }
    if kind == .tunnelAddress { text += " from the tunnel's address" }
    if box.icmp != 0...UInt16.max { text += " of type \(box.icmp.lowerBound >> 8)" }
    if box.sourcePort != 0...UInt16.max { text += " from port" + ports(box.sourcePort) }
    if box.source != context.everything.source { text += " from " + addresses(box.source) }
    text += " to " + (box.destination == context.everything.destination ? "anywhere" : addresses(box.destination))
    if box.destinationPort != 0...UInt16.max { text += ", port" + ports(box.destinationPort) }
    if networks.count > 1, let names = interfaces(box.outInterfaces, of: networks) { text += " by " + names }
    if !box.states.contains(.new) { text += ", of flows that conntrack does not call new" }
    return text
  }

  private func interfaces(_ bits: UInt64, of names: [String]) -> String? {
    let chosen = names.filter { bits & context.interfaces(where: [$0].contains) != 0 }
    return chosen.count == names.count ? nil : chosen.joined(separator: " and ")
  }

  private func ports(_ range: ClosedRange<UInt16>) -> String {
    range.isSingle ? " \(range.lowerBound)" : "s \(range.lowerBound) to \(range.upperBound)"
  }

  private func addresses(_ range: ClosedRange<UInt128>) -> String {
    let first = IPAddress(range.lowerBound, context.family)
    if range.isSingle { return "\(first)" }
    for length in 0..<(context.family == .ipv4 ? 32 : 128) where IPPrefix(first, length: length).numbers == range {
      return "\(IPPrefix(first, length: length))"
    }
    return "\(first) to \(IPAddress(range.upperBound, context.family))"
  }

  private func protocols(_ set: ProtocolSet) -> String {
    if set == .all { return "everything" }
    if set.count <= 4 { return list(set.numbers) }
    let others = ProtocolSet.all.subtracting(set)
    return others.count <= 4 ? "everything but " + list(others.numbers) : "\(set.count) protocols"
  }

  private func list(_ numbers: [UInt8]) -> String {
    numbers.map { number in
      let names: [UInt8: String] = [1: "ICMP", 6: "TCP", 17: "UDP", 47: "GRE", 50: "ESP", 58: "ICMPv6", 132: "SCTP"]
      return names[number] ?? "protocol \(number)"
    }.joined(separator: " and ")
  }
}

extension HeaderRegion {
  /// A packet of the region that a person might send.
  func witness(_ context: HeaderContext) -> HeaderPacket? {
    boxes.max { $0.familiarity(context) < $1.familiarity(context) }?.witness(context)
  }
}

extension HeaderBox {
  /// Addresses for documentation (RFC 5737, RFC 3849) stand for any public one.
  private static func usualAddress(_ family: IPFamily) -> UInt128 {
    IPAddress(family == .ipv4 ? "198.51.100.77" : "2001:db8::77")!.number
  }

  private static let usualPorts: [UInt16] = [443, 53, 853, 80, 6881]

  /// How well people know the packets in the box.
  fileprivate func familiarity(_ context: HeaderContext) -> Int {
    (protocols.contains(6) || protocols.contains(17) ? 4 : 0)
      + (destination.contains(Self.usualAddress(context.family)) ? 2 : 0)
      + (Self.usualPorts.contains(where: destinationPort.contains) ? 1 : 0)
  }

  func witness(_ context: HeaderContext) -> HeaderPacket {
    let usual = Self.usualAddress(context.family)
    let first = destination.lowerBound
    let chosen = destination.contains(usual) ? usual : destination.isSingle ? first : first + 1
    let number = [6, 17, 1, 58].first { protocols.contains($0) } ?? protocols.numbers.first ?? 0
    let sourceNumber = source.isSingle || source.lowerBound == 0 ? source.lowerBound : source.lowerBound + 1
    let ping: UInt16 = (context.family == .ipv4 ? 8 : 128) << 8
    return HeaderPacket(
      destination: IPAddress(chosen, context.family), source: IPAddress(sourceNumber, context.family),
      protocolNumber: number,
      destinationPort: destinationPort.usual(Self.usualPorts), sourcePort: sourcePort.usual([40000]),
      icmp: icmp.contains(ping) ? ping : icmp.lowerBound,
      outInterface: outInterfaces.trailingZeroBitCount, inInterface: inInterfaces.trailingZeroBitCount,
      mark: marks.trailingZeroBitCount,
      state: states.contains(.new) ? .new : ConnectionStates(rawValue: states.rawValue & (~states.rawValue &+ 1)),
      kind: kinds.contains(.ordinary) ? .ordinary : DestinationKinds(rawValue: kinds.rawValue & (~kinds.rawValue &+ 1)))
  }
}

extension ClosedRange<UInt16> {
  /// A port of the range that people know; 0 only if there is no other.
  fileprivate func usual(_ ports: [UInt16]) -> UInt16 {
    ports.first(where: contains) ?? (lowerBound == 0 && upperBound > 0 ? 1 : lowerBound)
  }
}
