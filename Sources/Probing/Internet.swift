import CLinux
import Glibc
import Wire

/// The internet of a drill: it answers on the ports of all probes, for every address of its network namespace, and tells
/// whoever asks from which address the packet came.
///
/// It speaks no TLS, QUIC, NTP, STUN or BitTorrent: to a message of these it answers one line of text, which is enough to
/// show that the message got there and which way. HTTP and DNS are answered well enough for usual clients.
///
/// `unsafe` for poll(2) and read(2). Sound: the arrays outlive the calls and have the stated lengths.
package final class Internet {
  private let names: InternetNames
  /// By port.
  private var datagrams: [(socket: OpenSocket, port: UInt16)] = []
  private var pings: [InternetPings] = []
  private var listeners: [(socket: OpenSocket, port: UInt16)] = []
  private var connections: [Int32: InternetConnection] = [:]

  /// More than one second of all probes, if nobody ends their connections.
  private static let connectionLimit = 512
  /// At most so many from one socket before the others have their turn.
  private static let turn = 64
  private static let datagramLimit = 2048

  /// Binds all ports. IPv6 is left out where the kernel has none.
  ///
  /// - Parameter names: they have addresses of their own.
  package init(names: InternetNames) throws(InternetFailure) {
    self.names = names
    for family in [IPAddress.Family.ipv4, .ipv6] {
      for port in ProbeCatalogue.ports(.udp) { try bind(family, port, .datagram) }
      for port in ProbeCatalogue.ports(.tcp) { try bind(family, port, .stream) }
      // Without them the kernel answers pings.
      if let answering = try? InternetPings(family) { pings.append(answering) }
    }
  }

  private func bind(_ family: IPAddress.Family, _ port: UInt16, _ kind: OpenSocket.Kind) throws(InternetFailure) {
    do throws(SocketFailure) {
      let socket = try OpenSocket(family, kind)
      if family == .ipv6 { try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
      if case .stream = kind {
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        try socket.bind(family.wildcard(port))
        guard Glibc.listen(socket.number, 128) == 0 else { throw SocketFailure(errno) }
        listeners.append((socket, port))
      } else {
        try socket.answerForAll(family)
        try socket.bind(family.wildcard(port))
        datagrams.append((socket, port))
      }
    } catch {
      guard family == .ipv6, error.code == EAFNOSUPPORT else {
        throw InternetFailure(step: "port \(port) cannot be bound", cause: error)
      }
    }
  }

  /// Answers until standard input ends.
  package func run() {
    while true {
      var requests = [pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)]
      let sockets = datagrams + listeners
      requests += sockets.map { pollfd(fd: $0.socket.number, events: Int16(POLLIN), revents: 0) }
      requests += pings.map { pollfd(fd: $0.socket.number, events: Int16(POLLIN), revents: 0) }
      requests += connections.values.map { pollfd(fd: $0.socket.number, events: $0.events, revents: 0) }
      _ = unsafe poll(&requests, nfds_t(requests.count), 50)
      if requests[0].revents != 0, standardInputHasEnded() { return }
      for (index, (socket, port)) in sockets.enumerated() where requests[1 + index].revents != 0 {
        if index < datagrams.count { answer(socket, port) } else { accept(socket, port) }
      }
      for (pings, request) in zip(pings, requests.dropFirst(1 + sockets.count)) where request.revents != 0 {
        answer(pings)
      }
      for request in requests.dropFirst(1 + sockets.count + pings.count) where request.revents != 0 {
        connections[request.fd]?.look(request.revents)
      }
      let now = ContinuousClock.now
      for (number, connection) in connections {
        connection.tick(now)
        if connection.hasEnded { connections[number] = nil }
      }
    }
  }

  private func answer(_ socket: OpenSocket, _ port: UInt16) {
    for _ in 0..<Self.turn {
      guard let datagram = socket.receiveDatagram(limit: Self.datagramLimit) else { return }
      guard let from = Endpoint(datagram.from), !ProbeAnswer.begins(datagram.bytes) else { continue }
      let bytes: [UInt8]?
      if port == 53 {
        bytes = DNSReply(names: names.read()).bytes(to: datagram.bytes, from: from.address)
      } else {
        bytes = Array(ProbeAnswer(source: from, name: ProbeName.find(in: datagram.bytes)).line.utf8)
      }
      // The answer leaves from the address that was asked. If it cannot be sent, the probe finds silence.
      if let bytes { try? socket.send(bytes, to: datagram.from, from: datagram.to) }
    }
  }

  private func answer(_ pings: InternetPings) {
    for _ in 0..<Self.turn {
      guard let datagram = pings.socket.receiveDatagram(limit: Self.datagramLimit) else { return }
      pings.answer(datagram)
    }
  }

  private func accept(_ socket: OpenSocket, _ port: UInt16) {
    for _ in 0..<Self.turn {
      if connections.count >= Self.connectionLimit { letGo() }
      let number = linux_accept(socket.number)
      guard number >= 0 else { return }
      connections[number] = InternetConnection(OpenSocket(accepted: number), port: port, names)
    }
  }

  /// Ends the connection that has been silent for longest: flows that go on stay.
  private func letGo() {
    if let oldest = connections.values.min(by: { $0.heard < $1.heard }) { connections[oldest.socket.number] = nil }
  }
}

/// Whether whoever started this process has closed the other end, or ended. What it writes is of no interest.
///
/// `unsafe` for read(2). Sound: the array outlives the call and has the stated length.
func standardInputHasEnded() -> Bool {
  var bytes = [UInt8](repeating: 0, count: 512)
  let count = unsafe read(STDIN_FILENO, &bytes, bytes.count)
  return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
}

/// Why there is no internet.
package struct InternetFailure: Error, CustomStringConvertible {
  let step: String
  let cause: SocketFailure

  package var description: String { "\(step): \(cause)" }
}
