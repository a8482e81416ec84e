import Policy
import Wire

/// One packet as one interface showed it: its verdict, and all that follows from it, depend on this.
struct Sighting: ~Escapable {
  let packet: DecodedPacket
  let frame: CapturedFrame
  let place: Place

  @_lifetime(copy frame)
  init(_ packet: DecodedPacket, _ frame: CapturedFrame, at place: Place) {
    self.packet = packet
    self.frame = frame
    self.place = place
  }

  /// The auditor's number of the interface.
  var interface: Int { place.interface }
  var role: InterfaceRole? { place.role }
  var moment: Timestamp { frame.timestamp }
  /// Bytes, as the link carried them.
  var length: Int { max(frame.originalLength, frame.bytes.byteCount) }
  var count: Count { Count(frames: 1, bytes: length) }
  var link: LinkAddresses? { LinkAddresses(frame) }

  var payload: RawSpan {
    @_lifetime(copy self)
    get { packet.payload(frame) }
  }

  /// The same packet on the way to another destination of its source route.
  @_lifetime(copy self)
  func routed(to destination: IPAddress) -> Self {
    var packet = packet
    packet.destination = destination
    return Sighting(packet, frame, at: place)
  }
}
