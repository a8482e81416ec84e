import Wire

/// The addresses of a frame on its link. A cooked header holds only the source's.
struct LinkAddresses: BitwiseCopyable {
  var source: MACAddress
  /// Nil also for a group address.
  var destination: MACAddress?
  /// The positions of both stations in `LinkStations`, or -1.
  var from: Int32 = -1
  var to: Int32 = -1

  /// Nil if the link has no such addresses, or if the source is zero, as on the loopback device.
  @inline(__always)
  init?(_ frame: borrowing CapturedFrame) {
    guard let header = try? LinkHeader(frame), let sender = header.source else { return nil }
    source = sender
    if let to = header.destination, !to.isGroup, to.value != 0 { destination = to }
    if source.value == 0 { return nil }
  }
}

extension MACAddress {
  /// Whether it names several stations (IEEE 802, the first octet's lowest bit).
  var isGroup: Bool { value >> 40 & 1 != 0 }
}
