import Wire

/// The sender of a packet, as its addresses show it. Both addresses can be forged: a forger of more senders than the
/// table of budgets holds gets nothing mild any more.
struct Sender: TableKey {
  var address: IPAddress
  /// Zero if the link has no such addresses.
  var mac: UInt64
  var interface: Int

  init(_ seen: borrowing Sighting) {
    address = seen.packet.source
    mac = seen.link?.source.value ?? 0
    self.interface = seen.interface
  }

  func mix(into hash: inout KeyHash) {
    hash.mix(address.high, address.low)
    hash.mix(mac, UInt64(truncatingIfNeeded: interface) << 8 | UInt64(address.family.rawValue))
  }
}
