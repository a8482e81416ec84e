import Policy
import Wire

/// Whether what goes to an OpenVPN server looks like OpenVPN. This only affects how sure the audit is.
struct OpenVPNForm: Sendable {
  /// A client reconnects from a new port each time.
  private static var mostStreams: Int { 64 }

  /// Payloads that were one packet of a client's, and datagrams that were not.
  private var packets = 0
  private var others = 0
  /// The client ports of the latest streams with a segment that was one packet: packets may share segments, and cross
  /// them.
  private var known: [UInt16] = []
  /// The client ports of streams without such a segment so far.
  private var doubtful: Set<UInt16> = []

  mutating func note(_ seen: borrowing Sighting) {
    guard seen.packet.transport == .header, seen.packet.payloadLength > 0 else { return }
    let isStream = seen.packet.protocolNumber == .tcp
    let isOfClient = OpenVPNMessage.isOfClient(
      seen.payload, length: Int(seen.packet.payloadLength), inStream: isStream)
    if isOfClient {
      packets &+= 1
      if isStream { recognize(seen.packet.sourcePort) }
    } else if !isStream {
      others &+= 1
    } else if !known.contains(seen.packet.sourcePort), !doubtful.contains(seen.packet.sourcePort) {
      if doubtful.count < Self.mostStreams { doubtful.insert(seen.packet.sourcePort) } else { others &+= 1 }
    }
  }

  private mutating func recognize(_ port: UInt16) {
    doubtful.remove(port)
    if known.contains(port) { return }
    if known.count >= Self.mostStreams { known.removeFirst() }
    known.append(port)
  }

  /// Whether everything looks like OpenVPN, and there was something.
  var isOpenVPN: Bool { packets > 0 && others == 0 && doubtful.isEmpty }
}
