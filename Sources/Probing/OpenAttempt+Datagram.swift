import CLinux
import Glibc
import Wire

extension OpenAttempt {
  func startDatagram() throws(SocketFailure) {
    guard let socket = try open(.datagram) else { return }
    self.socket = socket
    var end = destination.end
    guard try prepare(socket, &end) else { return }
    try socket.askForErrors(destination.address.family)
    try socket.connect(end)
    source = socket.own
    _ = try socket.send(probe.message.bytes(name, isStream: false))
  }

  /// Sets what the probe's way needs. False if this process may not, and the probe is then unavailable for good.
  func prepare(_ socket: OpenSocket, _ end: inout linux_end) throws(SocketFailure) -> Bool {
    do throws(SocketFailure) {
      switch probe.way {
      case .marked(let mark): try socket.set(SOL_SOCKET, SO_MARK, Int32(bitPattern: mark))
      case .broadcast: try socket.set(SOL_SOCKET, SO_BROADCAST, 1)
      case .device(let device):
        end.scope = unsafe if_nametoindex(device)
        try socket.bindTo(device: device)
      case .tunnelAddress:
        guard let own else {
          fate = .unavailable("the tunnel has no address of this family", isLasting: true)
          return false
        }
        try socket.bind(Endpoint(address: own, port: 0).end)
      case .fragmented: try socket.set(Int32(IPPROTO_IP), IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
      case .unfragmented: try socket.set(Int32(IPPROTO_IP), IP_MTU_DISCOVER, IP_PMTUDISC_DO)
      case .usual, .steady, .raw, .frame: break
      }
      return true
    } catch {
      // Where the interface is missing, it may come back.
      guard error.code == EPERM || error.code == EACCES else { throw error }
      fate = .unavailable("\(error)", isLasting: true)
      return false
    }
  }

  /// What a datagram that arrived says. Nil if it is not the answer to this attempt.
  func judgeDatagram(_ bytes: [UInt8]) -> Fate? {
    if case .dns = probe.message { return judgeLookup(bytes) }
    if let answer = ProbeAnswer.find(in: bytes), answer.name == name { return .seen(answer.source.address) }
    if probe.transport == .icmp || probe.transport == .icmpv6 { return judgePing(bytes) }
    return ProbeName.find(in: bytes) == name ? .answered : nil
  }

  /// A DNS message. Any answer to the lookup counts; the address in it is that from which the lookup came.
  func judgeLookup(_ message: [UInt8]) -> Fate? {
    guard let questions = DNSQuestions(message: message.view), questions.isResponse,
      questions.identifier == ProbeMessage.identifier(name),
      questions.list.isEmpty || questions.list.contains(where: { ProbeName($0.name) == name })
    else { return nil }
    if let address = DNSAnswers(message: message.view)?.addresses.first { return .seen(address) }
    let code = message[3] & 0x0F
    if code != 0 { remark = "DNS error \(code)" }
    return .answered
  }
}

extension OpenSocket {
  /// Has the socket tell also those ICMP errors that a datagram socket usually ignores (IP_RECVERR).
  func askForErrors(_ family: IPAddress.Family) throws(SocketFailure) {
    if family == .ipv4 {
      try set(Int32(IPPROTO_IP), IP_RECVERR, 1)
    } else {
      try set(Int32(IPPROTO_IPV6), IPV6_RECVERR, 1)
    }
  }
}
