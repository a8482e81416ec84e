import Glibc
import Wire

/// A TCP connection to the drill's internet.
final class InternetConnection {
  let socket: OpenSocket
  private let port: UInt16
  private let peer: Endpoint?
  private let names: InternetNames
  /// What was not yet answered, of lookups and lines.
  private var received: [UInt8] = []
  private var unsent: [UInt8] = []
  private var endsWhenSent = false
  private var nextLine: ContinuousClock.Instant
  /// When the peer last sent something.
  private(set) var heard = ContinuousClock.now
  private(set) var hasEnded = false

  private static let interval = Duration.milliseconds(200)
  private static let patience = Duration.seconds(60)
  /// A lookup has at most 65,535 bytes, but no honest one has a tenth of that.
  private static let receiveLimit = 8192
  private static let unsentLimit = 1 << 16

  init(_ socket: OpenSocket, port: UInt16, _ names: InternetNames) {
    self.socket = socket
    self.port = port
    self.names = names
    peer = socket.peer
    hasEnded = peer == nil
    nextLine = heard + Self.interval
  }

  var events: Int16 { Int16(POLLIN) | (unsent.isEmpty ? 0 : Int16(POLLOUT)) }

  func look(_ revents: Int16) {
    if revents & Int16(POLLOUT) != 0 { flush() }
    guard revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, let peer, !hasEnded else { return }
    do throws(SocketFailure) {
      guard let bytes = try socket.receive(limit: 4096) else { return }
      guard !bytes.isEmpty else {
        hasEnded = true
        return
      }
      heard = .now
      switch port {
      case 53: answerLookups(bytes, peer.address)
      case Probe.steadyPort: answerLines(bytes, peer)
      default: answer(bytes, peer)
      }
    } catch {
      hasEnded = true
    }
  }

  /// A flow that goes on gets a line again and again, so that there is something to leak in both directions.
  func tick(_ now: ContinuousClock.Instant) {
    if now >= heard + Self.patience { hasEnded = true }
    guard port == Probe.steadyPort, now >= nextLine, let peer else { return }
    nextLine = now + Self.interval
    send(Array(ProbeAnswer(source: peer, name: nil).line.utf8))
  }

  private func answer(_ bytes: [UInt8], _ peer: Endpoint) {
    let line = ProbeAnswer(source: peer, name: ProbeName.find(in: bytes)).line
    let isHead = bytes.starts(with: "HEAD ".utf8)
    guard isHead || bytes.starts(with: "GET ".utf8) else { return send(Array(line.utf8)) }
    let head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(line.utf8.count)\r\n"
      + "Connection: close\r\n\r\n"
    endsWhenSent = true
    send(Array((isHead ? head : head + line).utf8))
  }

  private func answerLines(_ bytes: [UInt8], _ peer: Endpoint) {
    received += bytes
    while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
      let line = Array(received[..<end])
      received.removeFirst(end + 1)
      send(Array(ProbeAnswer(source: peer, name: ProbeName.find(in: line)).line.utf8))
    }
    if received.count > Self.receiveLimit { hasEnded = true }
  }

  /// RFC 1035 section 4.2.2: each message after its length.
  private func answerLookups(_ bytes: [UInt8], _ source: IPAddress) {
    received += bytes
    while received.count >= 2 {
      let length = Int(received.view.uint16(at: 0))
      guard length > Self.receiveLimit || received.count >= 2 + length else { return }
      let reply = DNSReply(names: names.read())
      guard length <= Self.receiveLimit, let answer = reply.bytes(to: Array(received[2..<2 + length]), from: source)
      else {
        hasEnded = true
        return
      }
      received.removeFirst(2 + length)
      send(networkOrder(UInt16(answer.count)) + answer)
    }
  }

  private func send(_ bytes: [UInt8]) {
    unsent += bytes
    flush()
    if unsent.count > Self.unsentLimit { hasEnded = true }
  }

  private func flush() {
    do throws(SocketFailure) {
      if !unsent.isEmpty { unsent.removeFirst(try socket.send(unsent)) }
      if unsent.isEmpty, endsWhenSent { hasEnded = true }
    } catch {
      hasEnded = true
    }
  }
}
