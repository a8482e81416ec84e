import Glibc
import Wire

/// A socket that lives as long as the drill and carries one attempt of each round.
protocol SteadyFlow: AnyObject {
  var number: Int32? { get }
  var events: Int16 { get }
  func send(_ attempt: OpenAttempt)
  func look(_ revents: Int16)
}

/// Datagrams from one port. It is not connected, as those of most programs are: each datagram takes the route, and so the
/// source address, of its moment.
final class SteadyDatagrams: SteadyFlow {
  private var socket: OpenSocket?
  private var waiting: [OpenAttempt] = []

  var number: Int32? { socket?.number }
  var events: Int16 { Int16(POLLIN) }

  func send(_ attempt: OpenAttempt) {
    waiting.removeAll { $0.fate != nil }
    do throws(SocketFailure) {
      if socket == nil {
        let opened = try OpenSocket(attempt.destination.address.family, .datagram)
        try opened.askForErrors(attempt.destination.address.family)
        try opened.bind(attempt.destination.address.family.wildcard(0))
        socket = opened
      }
      attempt.source = socket?.own
      try socket?.send(attempt.probe.message.bytes(attempt.name, isStream: false), to: attempt.destination.end)
      waiting.append(attempt)
    } catch {
      attempt.fail(error, on: socket)
    }
  }

  func look(_ revents: Int16) {
    guard let socket else { return }
    do throws(SocketFailure) {
      try socket.throwPending()
      while let bytes = try socket.receive(limit: 2048) {
        guard let answer = ProbeAnswer.find(in: bytes) else { continue }
        waiting.first { $0.name == answer.name && $0.fate == nil }?.fate = .seen(answer.source.address)
      }
    } catch {
      // An ICMP error does not say to which datagram: it is most likely the last one.
      waiting.last?.fail(error, on: socket)
      _ = socket.takeErrorSource()
    }
  }
}
