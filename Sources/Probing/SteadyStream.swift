import CLinux
import Glibc
import Wire

/// A TCP connection that sends a line per round. When it breaks, the next round opens another, and the first attempt on
/// that one says why.
final class SteadyStream: SteadyFlow {
  private var socket: OpenSocket?
  private var isConnecting = false
  private var waiting: [OpenAttempt] = []
  private var unsent: [UInt8] = []
  private var received: [UInt8] = []
  private var broke: SocketFailure?

  /// So long may bytes stay without an acknowledgement. TCP's own quarter of an hour would hide that the tunnel is back.
  private static let patience: Int32 = 5000
  private static let limit = 1 << 14

  var number: Int32? { socket?.number }
  var events: Int16 { Int16(POLLIN) | (isConnecting || !unsent.isEmpty ? Int16(POLLOUT) : 0) }

  func send(_ attempt: OpenAttempt) {
    waiting.removeAll { $0.fate != nil }
    waiting.append(attempt)
    do throws(SocketFailure) {
      if socket == nil {
        if let broke { attempt.remark = "a new connection, after \(broke)" }
        try open(attempt)
      }
      attempt.source = socket?.own
      // Nothing is dropped silently: what finds no room waits, and its attempt is silent.
      if unsent.count < Self.limit { unsent += attempt.probe.message.bytes(attempt.name, isStream: true) }
      if !isConnecting {
        try flush()
        refuseWaiting()
      }
    } catch {
      end(error)
    }
  }

  /// An ICMP error does not end a connection, but says what became of the lines that are on their way.
  private func refuseWaiting() {
    do throws(SocketFailure) { try socket?.throwPending() } catch {
      for attempt in waiting { attempt.fail(error, on: socket) }
    }
  }

  private func open(_ attempt: OpenAttempt) throws(SocketFailure) {
    let opened = try OpenSocket(attempt.destination.address.family, .stream)
    try opened.set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Self.patience)
    socket = opened
    isConnecting = true
    try opened.connect(attempt.destination.end)
  }

  private func flush() throws(SocketFailure) {
    if let socket, !unsent.isEmpty { unsent.removeFirst(try socket.send(unsent)) }
  }

  func look(_ revents: Int16) {
    guard let socket else { return }
    do throws(SocketFailure) {
      if isConnecting || revents & Int16(POLLERR) != 0 { try socket.throwPending() } else { refuseWaiting() }
      if revents & Int16(POLLOUT) != 0 {
        isConnecting = false
        try flush()
      }
      guard revents & Int16(POLLIN | POLLHUP) != 0, let bytes = try socket.receive(limit: 4096) else { return }
      guard !bytes.isEmpty else { throw SocketFailure(ECONNRESET) }
      received += bytes
      while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let answer = ProbeAnswer(line: received[..<end])
        received.removeFirst(end + 1)
        guard let answer, let name = answer.name else { continue }
        waiting.first { $0.name == name && $0.fate == nil }?.fate = .seen(answer.source.address)
      }
      if received.count > Self.limit { received = [] }
    } catch {
      end(error)
    }
  }

  private func end(_ failure: SocketFailure) {
    broke = failure
    socket = nil
    isConnecting = false
    unsent = []
    received = []
    for attempt in waiting { attempt.fail(failure) }
    waiting = []
  }
}
