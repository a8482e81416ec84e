import Wire

/// The addresses of a frame on its link. A cooked header holds the source's alone.
struct LinkAddresses: BitwiseCopyable {
  var source: MACAddress
  /// Nil also for a group's address.
  var destination: MACAddress?
  /// The positions of both in `LinkStations`, or -1.
  var from: Int32 = -1
  var to: Int32 = -1

  /// Nil where the link has no such addresses, or the source's is zero, as on the loopback device.
  @inline(__always)
  init?(_ frame: borrowing CapturedFrame) {
    switch frame.linkType {
    case .ethernet:
      guard let ethernet = try? EthernetFrame(frame.bytes) else { return nil }
      source = ethernet.source
      let to = ethernet.destination
      destination = to.isGroup || to.value == 0 ? nil : to
    case .linuxCooked, .linuxCooked2:
      let version = frame.linkType == .linuxCooked ? 1 : 2
      guard let sender = (try? LinuxCookedFrame(frame.bytes, version: version))?.source else { return nil }
      source = sender
    default: return nil
    }
    if source.value == 0 { return nil }
  }
}

extension MACAddress {
  /// Whether it names several stations (IEEE 802, the first octet's lowest bit).
  var isGroup: Bool { value >> 40 & 1 != 0 }
}
