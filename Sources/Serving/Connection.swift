import Glibc
import Wire

/// One connection, from its head to its end: it brings one request, and is closed behind the answer.
///
/// Held by the server's thread alone.
final class Connection {
  enum State {
    /// Its head is not complete.
    case reading
    /// Its answer is not there yet.
    case waiting(Request, isHead: Bool, otherwise: Response)
    /// Its answer is being written.
    case answering
    /// It gets events, and has been sent all up to this one.
    case listening(latest: Int)
    /// All is written; the peer is waited for, so that no reset takes the answer from it.
    case leaving
    case ended
  }

  /// A listener that lets more than this wait is dropped.
  static var backlogLimit: Int { 256 << 10 }

  let number: Int32
  let local: IPAddress?
  /// Whose it is: an IPv4 address, or the /64 that an IPv6 host may choose its addresses from; nil where it is gone already.
  let peer: IPAddress?
  /// Connections are numbered as they come.
  let order: Int
  var state = State.reading
  /// When it is ended, whatever it does.
  var deadline: ContinuousClock.Instant
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var written = 0
  /// The peer has closed its side: there is nothing more to be read.
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

  /// How readily its place is given to another one, the less the sooner: who has been answered is only waited for, and who has
  /// not brought a whole request yet may come again. Nil for one that is being served.
  var standing: Int? {
    switch state {
    case .ended: 0
    case .leaving: 1
    case .answering where waits == 0: 1
    case .reading: 2
    case .waiting, .answering, .listening: nil
    }
  }

  var waits: Int { output.count - written }

  /// What poll(2) is to look for.
  var events: Int16 { (isPeerSilent ? 0 : Int16(POLLIN)) | (waits > 0 ? Int16(POLLOUT) : 0) }

  /// Takes of what came as much as one round is to cost. The head, once it is complete or refused.
  func read() -> RequestHead.Reading {
    var buffer = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<4 {
      let count = unsafe recv(number, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return .unfinished }
      guard count > 0 else {
        isPeerSilent = true
        // Whoever has asked may close its side and still wait for the answer; others have gone.
        switch state {
        case .reading, .leaving, .listening: state = .ended
        case .waiting, .answering, .ended: if count < 0 { state = .ended }
        }
        return .unfinished
      }
      // What comes behind the head is of no interest, and is not kept.
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

  /// Has the kernel keep little for a peer that takes nothing: what waits is to be seen here.
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

  /// Writes what the peer takes now.
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
