import Wire

/// What the kernel's programs tell of one flow. The places of its fields are those of `struct event` in
/// Kernel/senders.bpf.c.
package struct SenderEvent: Equatable, Sendable {
  package static var length: Int { 256 }

  package var flow: SenderFlow
  package var owner: SocketOwner

  package init(flow: SenderFlow, owner: SocketOwner) { (self.flow, self.owner) = (flow, owner) }

  /// Nil for bytes that are no event.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.length, let certainty = Certainty(rawValue: bytes[39]) else { return nil }
    let isIPv4: Bool
    switch bytes.number16(at: 36) {
    case 0x0800: isIPv4 = true
    case 0x86DD: isIPv4 = false
    default: return nil
    }
    flow = SenderFlow(
      source: bytes.address(at: 0, isIPv4: isIPv4), sourcePort: bytes.number16(at: 32),
      destination: bytes.address(at: 16, isIPv4: isIPv4), destinationPort: bytes.number16(at: 34),
      protocolNumber: IPProtocol(rawValue: bytes[38]))
    let number = bytes.number32(at: 56)
    var process: SocketOwner.Process?
    if number > 0, certainty.rawValue >= Certainty.listed.rawValue {
      process = SocketOwner.Process(
        number: number, innerNumber: bytes.number32(at: 60), started: bytes.number64(at: 48),
        program: ProgramName.text(
          executable: bytes.text(80..<112), name: bytes.text(64..<80), arguments: bytes.texts(112..<176)))
    }
    owner = SocketOwner(
      certainty: certainty, namespace: bytes.number32(at: 40), container: ContainerID.find(in: bytes.text(176..<256)),
      process: process)
  }
}

/// The machine's byte order is the kernel's; the programs are built for little-endian machines.
extension [UInt8] {
  private func number(at offset: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(self[offset + $1]) << UInt64(8 * $1) }
  }

  func number16(at offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: number(at: offset, 2)) }
  func number32(at offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: number(at: offset, 4)) }
  func number64(at offset: Int) -> UInt64 { number(at: offset, 8) }

  /// Addresses are as on the wire; of an IPv4 address the first four bytes.
  fileprivate func address(at offset: Int, isIPv4: Bool) -> IPAddress {
    if isIPv4 { return IPAddress(v4: UInt32(truncatingIfNeeded: number(at: offset, 4)).byteSwapped) }
    return IPAddress(v6High: number64(at: offset).byteSwapped, low: number64(at: offset + 8).byteSwapped)
  }

  /// Up to the first zero.
  func text(_ range: Range<Int>) -> String {
    String(decoding: range.lazy.map { self[$0] }.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Texts that end with a zero. The last one may be cut.
  fileprivate func texts(_ range: Range<Int>) -> [String] {
    range.map { self[$0] }.split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
