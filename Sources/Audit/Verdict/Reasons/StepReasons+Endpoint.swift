import Policy
import Wire

/// Reasons for packets that go to an Endpoint (CONTRACT 2, step 2), or may.
extension StepReasons {
  private var stated: Stated<TunnelEndpoint>? {
    policy.endpoints.first {
      $0.value.endpoint == Endpoint(address: packet.destination, port: packet.destinationPort)
        && $0.value.transport == TunnelEndpoint.Transport(packet.protocolNumber)
    }
  }

  /// The Endpoint that the packet goes to.
  func endpoint() -> String { stated.map { "\($0.value.name) (\($0.origin))" } ?? "" }

  func endpointAddress(_ answer: Bool) -> String {
    guard answer else { return noEndpoint(packet.destination) }
    return WordedList.text(policy.endpoints.filter { $0.value.endpoint.address == packet.destination }, \.name)
  }

  func noEndpoint(_ address: IPAddress) -> String {
    switch policy.endpoints.count {
    case 0:
      policy.namedEndpoints.isEmpty
        ? "no Endpoint is known"
        : "no Endpoint's address is known, only the name \(WordedList.text(policy.namedEndpoints, \.name))"
    case 1: "\(address) is not the address of the Endpoint \(WordedList.text(policy.endpoints, \.name))"
    default: "\(address) is the address of no Endpoint: \(WordedList.text(policy.endpoints, \.name))"
    }
  }

  /// Says how a packet differs from the Endpoints at its address: in protocol or port.
  func otherPort(_ address: IPAddress, _ port: UInt16) -> String {
    let there = policy.endpoints.filter { $0.value.endpoint.address == address }
    let words = WordedList.text(there) { "\($0.transport.rawValue) port \($0.endpoint.port)" }
    let own = packet.transportWords(port: port)
    guard there.count == 1, let endpoint = there.first?.value else {
      return "\(own) is none of the Endpoints' \(words)"
    }
    var others: [String] = []
    if packet.transport != .unknownProtocol, endpoint.transport != TunnelEndpoint.Transport(packet.protocolNumber) {
      others.append("protocol")
    }
    if packet.showsPorts, endpoint.endpoint.port != port { others.append("port") }
    let difference = others.isEmpty ? "" : ": other \(others.joined(separator: " and "))"
    return "\(own) is not the Endpoint's \(words)\(difference)"
  }

  func endpointShape(_ answer: Bool) -> String {
    let length = "\(packet.payloadLength) bytes of UDP payload"
    return switch stated?.value.shape {
    case .any: "the policy asks for no check"
    case .openVPN: "of OpenVPN nothing is checked but address, port and protocol"
    case .amneziaWG: answer ? length : "\(length), and \(amneziaLengths)"
    case .lwo:
      "\(length); the header under the peer's public key \(answer ? "is" : "is not") as Mullvad's LWO has it"
    case .anyReserved: shape(answer, anyReserved: true)
    case .wireGuard, nil: shape(answer, anyReserved: false)
    }
  }

  /// How a packet compares with WireGuard's own shape.
  func shape(_ answer: Bool, anyReserved: Bool) -> String {
    let length = Int(packet.payloadLength)
    if length < WireGuardMessage.keepaliveLength {
      return "\(length) bytes of UDP payload, and WireGuard's shortest message has \(WireGuardMessage.keepaliveLength)"
    }
    let begin = payload.start.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
      .joined()
    let has = "\(length) bytes of UDP payload that begin \(begin)"
    let isReserved = payload.start.dropFirst() == [0, 0, 0] || anyReserved
    guard let type = payload.start.first.flatMap(WireGuardMessage.init), isReserved else {
      return "\(has); WireGuard's messages begin 01 to 04\(anyReserved ? "" : ", then 000000")"
    }
    let (name, needed) = Self.message(type)
    return answer ? "\(has): \(name)" : "\(has), as \(name) does, which has \(needed)"
  }

  /// The lengths that AmneziaWG's parameters give each message.
  private var amneziaLengths: String {
    guard let messages = stated?.value.amnezia?.messages else { return "AmneziaWG's parameters are not known" }
    return
      "by AmneziaWG's parameters an initiation has \(messages.initiation.padding + WireGuardMessage.initiationLength), "
      + "a response \(messages.response.padding + WireGuardMessage.responseLength), "
      + "a cookie reply \(messages.cookie.padding + WireGuardMessage.cookieLength), "
      + "data at least \(messages.data.padding + WireGuardMessage.keepaliveLength), each with a header of its own"
  }

  private static func message(_ type: WireGuardMessage) -> (name: String, length: Int) {
    switch type {
    case .initiation: ("a handshake's initiation", WireGuardMessage.initiationLength)
    case .response: ("a handshake's response", WireGuardMessage.responseLength)
    case .cookie: ("a cookie reply", WireGuardMessage.cookieLength)
    case .data: ("transport data", WireGuardMessage.keepaliveLength)
    }
  }

  func junk(_ answer: Bool) -> String {
    let length = "\(packet.payloadLength) bytes of UDP payload"
    guard let amnezia = stated?.value.amnezia else { return length }
    guard answer else { return "\(length), and the parameters announce no such datagram" }
    let rule =
      "\(length); at most \(amnezia.precursors) such datagrams, and an initiation within \(Self.timeout) s, or they are leaks"
    return switch known.isExplained {
    case true?: "\(rule); here one followed"
    case false?: "\(rule); here none followed"
    case nil: rule
    }
  }

  private static var timeout: Int64 { JunkRuns.timeout.nanoseconds / 1_000_000_000 }

  func demandedPeer(_ answer: Bool) -> String {
    if stated?.value.shape == .lwo, !answer { return "LWO hides what would link it to the peer" }
    switch payload.kind {
    case .initiation, .response:
      switch payload.isForPeer {
      case false?: return "its mac1 is for another key than the configured one"
      case nil where answer: return "its mac1 was not captured, or no key is stated"
      case true? where answer: return "its mac1 is for the configured key"
      default: return "it answers no initiation of the peer's"
      }
    case .cookie: return "it answers \(answer ? "an" : "no") initiation of the peer's"
    case .data, .keepalive:
      return "its session is of \(answer ? "a" : "no") handshake with the configured key that was seen"
    default:
      return answer ? "" : "its mac1, or its session, is of no handshake with the configured key"
    }
  }

  var candidate: String {
    let way = "\(packet.protocolNumber) to \(Endpoint(address: packet.destination, port: packet.destinationPort))"
    // Candidates for WireGuard's Endpoint have further steps.
    return decision.step == .candidate
      ? "\(way), as a session of OpenVPN begins or as a list of servers has it"
      : "\(way), \(packet.payloadLength) bytes in WireGuard's shape, and no policy says where the tunnel goes"
  }

  func contested(_ answer: Bool) -> String {
    guard answer else { return "no Endpoint of \(packet.source)'s answered within the last \(Self.silence) s" }
    return
      "\(known.currentEndpoint.map { "\($0)" } ?? "another") answered \(packet.source) within the last \(Self.silence) s"
  }

  private static var silence: Int64 { TunnelTally.rejectAfterTime.nanoseconds / 1_000_000_000 }
}
