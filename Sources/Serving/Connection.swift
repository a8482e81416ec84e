import Glibc
import Wire

/// One connection from its beginning to its end: it brings one request, and is closed after the answer.
///
/// Only the server's thread uses it.
///
/// `unsafe` for recv(2) and send(2). Sound: arrays come with their length, and the offset stays below it, since no call
/// sends more than it is given.
final class Connection {
  enum State {
    /// The request's head is not complete.
    case reading
    /// The answer is not ready yet.
    case waiting(Request, isHead: Bool, otherwise: Response)
    /// The answer is being written.
    case answering
    /// The peer gets events; it has been sent all up to this one.
    case listening(latest: Int)
    /// Everything is written. The peer may still close first, so that no reset costs it the answer.
    case leaving
    case ended
  }

  /// A listener with a longer backlog is dropped.
  static var backlogLimit: Int { 256 << 10 }

  let number: Int32
  let local: IPAddress?
  /// The peer's IPv4 address, or the /64 from which an IPv6 host may choose its addresses; nil if the peer has gone
  /// already.
  let peer: IPAddress?
  /// The connection's number in the order of arrival.
  let order: Int
  var state = State.reading
  /// When the connection is ended in any case.
  var deadline: ContinuousClock.Instant
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var written = 0
  /// Whether the peer has closed its side: there is nothing more to read.
  private var isPeerSilent = false

  init(_ number: Int32, order: Int, deadline: ContinuousClock.Instant) {
    self.number = number
    self.order = order
    self.deadline = deadline
    let far = SocketAddress.peer(of: number)?.address
    peer = far.map { $0.isIPv4 ? $0 : IPAddress(v6High: $0.high, low: 0) }
    local = SocketAddress.local(of: number)?.address
  }

  deinit { close(number) }

  /// How readily the connection gives up its place for a new one; a lower number goes first. One that is answered only
  /// waits for its peer to close, and one without a whole request may come again. Nil for one that is being served.
  var evictionRank: Int? {
    switch state {
    case .ended: 0
    case .leaving: 1
    case .answering where waits == 0: 1
    case .reading: 2
    case .waiting, .answering, .listening: nil
    }
  }

  var waits: Int { output.count - written }

  /// The events to ask poll(2) for.
  var events: Int16 { (isPeerSilent ? 0 : Int16(POLLIN)) | (waits > 0 ? Int16(POLLOUT) : 0) }

  /// Reads as much as one round may cost. Returns the head once it is complete or refused.
  func read() -> RequestHead.Reading {
    var buffer = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<4 {
      let count = unsafe recv(number, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return .unfinished }
      guard count > 0 else {
        isPeerSilent = true
        // A peer that sent its request may close its side and still wait for the answer; others have gone.
        switch state {
        case .reading, .leaving, .listening: state = .ended
        case .waiting, .answering, .ended: if count < 0 { state = .ended }
        }
        return .unfinished
      }
      // Bytes after the head are ignored and not kept.
      guard case .reading = state else { continue }
      input += buffer[..<count]
      let reading = RequestHead.read(input)
      guard reading == .unfinished else {
        input = []
        return reading
      }
    }
    return .unfinished
  }

  /// Limits the kernel's buffer for a peer that reads nothing, so that the backlog is visible here.
  func limitBacklog() {
    var size = Int32(Self.backlogLimit / 4)
    unsafe setsockopt(number, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  func send(_ bytes: [UInt8]) {
    output.removeFirst(written)
    written = 0
    output += bytes
    flush()
  }

  /// Writes as much as the peer accepts now.
  func flush() {
    while waits > 0 {
      let count = unsafe output.withUnsafeBytes { output in
        unsafe Glibc.send(number, output.baseAddress! + written, output.count - written, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        written += count
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        return
      } else if errno != EINTR {
        state = .ended
        return
      }
    }
    output = []
    written = 0
  }
}
