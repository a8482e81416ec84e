import Wire

/// A set of packets of one family: the product of a range or a set for each property that a rule can test.
///
/// Ports have a meaning only for protocols with ports, and ICMP's type and code only for ICMP. The range says nothing
/// about other packets, and a rule that asks for a port also asks for the protocol.
struct HeaderBox: Hashable, Sendable {
  /// Addresses as numbers.
  var destination: ClosedRange<UInt128>
  var source: ClosedRange<UInt128>
  var protocols = ProtocolSet.all
  var destinationPort: ClosedRange<UInt16> = 0...UInt16.max
  var sourcePort: ClosedRange<UInt16> = 0...UInt16.max
  /// The type in the upper octet, the code in the lower.
  var icmp: ClosedRange<UInt16> = 0...UInt16.max
  /// Bits of the interfaces and marks that a `HeaderContext` lists.
  var outInterfaces: UInt64 = .max
  var inInterfaces: UInt64 = .max
  var marks: UInt64 = .max
  var states = ConnectionStates.all
  var kinds = DestinationKinds.all

  /// Every packet of a family.
  init(_ family: IPFamily) {
    destination = family.addresses
    source = family.addresses
  }

  func intersection(_ other: Self) -> Self? {
    guard let destination = destination.common(with: other.destination),
      let source = source.common(with: other.source),
      let destinationPort = destinationPort.common(with: other.destinationPort),
      let sourcePort = sourcePort.common(with: other.sourcePort), let icmp = icmp.common(with: other.icmp)
    else { return nil }
    var box = self
    box.destination = destination
    box.source = source
    box.destinationPort = destinationPort
    box.sourcePort = sourcePort
    box.icmp = icmp
    box.protocols = protocols.intersection(other.protocols)
    box.outInterfaces &= other.outInterfaces
    box.inInterfaces &= other.inInterfaces
    box.marks &= other.marks
    box.states.formIntersection(other.states)
    box.kinds.formIntersection(other.kinds)
    return box.isEmpty ? nil : box
  }

  private var isEmpty: Bool {
    protocols.isEmpty || outInterfaces == 0 || inInterfaces == 0 || marks == 0 || states.isEmpty || kinds.isEmpty
  }

  /// The part of this box that is not in the other, as boxes that share no packet.
  func subtracting(_ other: Self) -> [Self] {
    guard let common = intersection(other) else { return [self] }
    var pieces: [Self] = []
    var rest = self
    // Each cut removes what is outside of the common part in one respect; the rest then lies within it in that respect.
    func cut<Bound: FixedWidthInteger>(_ part: WritableKeyPath<Self, ClosedRange<Bound>>) {
      let whole = rest[keyPath: part]
      let inner = common[keyPath: part]
      if whole.lowerBound < inner.lowerBound {
        var piece = rest
        piece[keyPath: part] = whole.lowerBound...(inner.lowerBound - 1)
        pieces.append(piece)
      }
      if inner.upperBound < whole.upperBound {
        var piece = rest
        piece[keyPath: part] = (inner.upperBound + 1)...whole.upperBound
        pieces.append(piece)
      }
      rest[keyPath: part] = inner
    }
    func split<Bits>(
      _ part: WritableKeyPath<Self, Bits>, _ difference: (Bits, Bits) -> Bits, _ isEmpty: (Bits) -> Bool
    ) {
      let outside = difference(rest[keyPath: part], common[keyPath: part])
      if !isEmpty(outside) {
        var piece = rest
        piece[keyPath: part] = outside
        pieces.append(piece)
      }
      rest[keyPath: part] = common[keyPath: part]
    }
    split(\.outInterfaces, { $0 & ~$1 }, { $0 == 0 })
    split(\.inInterfaces, { $0 & ~$1 }, { $0 == 0 })
    split(\.marks, { $0 & ~$1 }, { $0 == 0 })
    split(\.states, { $0.subtracting($1) }, \.isEmpty)
    split(\.kinds, { $0.subtracting($1) }, \.isEmpty)
    split(\.protocols, { $0.subtracting($1) }, \.isEmpty)
    cut(\.destinationPort)
    cut(\.sourcePort)
    cut(\.icmp)
    cut(\.source)
    cut(\.destination)
    return pieces
  }

  func contains(_ packet: HeaderPacket) -> Bool {
    guard protocols.contains(packet.protocolNumber), destination.contains(packet.destination.number),
      source.contains(packet.source.number), outInterfaces & 1 << UInt64(packet.outInterface) != 0,
      inInterfaces & 1 << UInt64(packet.inInterface) != 0, marks & 1 << UInt64(packet.mark) != 0,
      states.contains(packet.state), kinds.contains(packet.kind)
    else { return false }
    return destinationPort.contains(packet.destinationPort) && sourcePort.contains(packet.sourcePort)
      && icmp.contains(packet.icmp)
  }
}

extension ClosedRange {
  var isSingle: Bool { lowerBound == upperBound }

  func common(with other: Self) -> Self? { overlaps(other) ? clamped(to: other) : nil }
}

extension IPAddress {
  /// The address as a number.
  var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

  init(_ number: UInt128, _ family: IPFamily) {
    self =
      family == .ipv4
      ? IPAddress(v4: UInt32(truncatingIfNeeded: number))
      : IPAddress(v6High: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number))
  }
}

extension IPFamily {
  /// All addresses, as numbers.
  var addresses: ClosedRange<UInt128> { 0...(self == .ipv4 ? UInt128(UInt32.max) : .max) }
}

extension IPPrefix {
  /// Its addresses, as numbers.
  var numbers: ClosedRange<UInt128> {
    let host = address.width - length
    let size: UInt128 = host >= 128 ? .max : (1 << UInt128(host)) - 1
    return address.number...(address.number | size)
  }
}
