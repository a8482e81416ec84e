import Glibc
import Wire

/// An attempt whose outcome is not known yet.
final class OpenAttempt {
  let probe: Probe
  let name: ProbeName
  let destination: Endpoint
  let at = Timestamp.now
  let began = ContinuousClock.now
  /// Nil where it shares the socket of a steady flow.
  var socket: OpenSocket?
  /// The socket's own end, once it is known.
  var source: Endpoint?
  /// The tunnel's address, for a probe that is bound to it.
  private(set) var own: IPAddress?
  /// What a stream has still to send.
  var unsent: [UInt8] = []
  var received: [UInt8] = []
  var isConnecting = false
  /// Said beside the outcome.
  var remark: String?
  var fate: Fate? {
    didSet { if oldValue == nil { ended = .now } }
  }
  private(set) var ended = ContinuousClock.now

  /// An answer is shorter, or is none of ours.
  private static let receiveLimit = 4096

  enum Fate {
    case seen(IPAddress)
    case answered
    case refused(String)
    case silent
    case cut
    /// - Parameter isLasting: whether it will be the same for as long as this process lives.
    case unavailable(String, isLasting: Bool)
  }

  init(_ probe: Probe, _ name: ProbeName, _ destination: Endpoint) {
    self.probe = probe
    self.name = name
    self.destination = destination
  }

  /// What poll(2) must wait for.
  var events: Int16 { Int16(POLLIN) | (isConnecting || !unsent.isEmpty ? Int16(POLLOUT) : 0) }

  /// Opens the socket and sends, or begins to connect.
  ///
  /// - Parameter own: the tunnel's address of the destination's family, for probes that are bound to it.
  func start(_ frames: FrameSender, own: IPAddress?) {
    self.own = own
    do throws(SocketFailure) {
      switch (probe.transport, probe.way) {
      case (_, .steady): break
      case (.udp, .raw): try startRaw()
      case (.udp, .frame(let device)): try startFrame(device, frames)
      case (.udp, _): try startDatagram()
      case (.tcp, _): try startStream()
      default: try startPing()
      }
    } catch {
      fail(error)
    }
  }

  /// - Parameter shared: the socket, where it is not the attempt's own.
  func fail(_ failure: SocketFailure, on shared: OpenSocket? = nil) {
    guard fate == nil else { return }
    fate = failure.isShortage ? .unavailable("\(failure)", isLasting: false) : .refused(failure.text(shared ?? socket))
  }

  /// Opens a socket; if this process may not have one, the probe is unavailable for good.
  func open(_ kind: OpenSocket.Kind) throws(SocketFailure) -> OpenSocket? {
    do throws(SocketFailure) { return try OpenSocket(destination.address.family, kind) } catch {
      guard !error.isShortage else { throw error }
      fate = .unavailable("\(error)", isLasting: true)
      return nil
    }
  }

  /// Something happened on the socket.
  func look(_ revents: Int16) {
    guard let socket, fate == nil else { return }
    do throws(SocketFailure) {
      try socket.throwPending()
      if probe.transport == .tcp, revents & Int16(POLLOUT) != 0 { try goOn(socket) }
      if revents & Int16(POLLIN | POLLHUP) != 0 { try receive(socket) }
    } catch {
      fail(error)
    }
  }

  private func receive(_ socket: OpenSocket) throws(SocketFailure) {
    guard let bytes = try socket.receive(limit: 2048) else { return }
    if probe.transport == .tcp {
      // An orderly end without an answer was somebody's answer, too.
      guard !bytes.isEmpty else {
        fate = .answered
        return
      }
      received += bytes
      fate = received.count > Self.receiveLimit ? .answered : judgeStream(received)
    } else {
      fate = judgeDatagram(bytes)
    }
  }

  /// The time is up.
  func expire() {
    guard fate == nil else { return }
    do throws(SocketFailure) {
      try socket?.throwPending()
      fate = .silent
    } catch {
      fail(error)
    }
  }
}
