import Glibc

/// The rounds of the server's thread: wait, read, answer, let go.
///
/// `unsafe` for poll(2). Sound: the array outlives the call and has the stated length.
struct ServingRounds: ~Copyable {
  private let socket: ListeningSocket
  private unowned let server: HTTPServer
  private var connections: [Int32: Connection] = [:]
  private var accepted = 0
  /// No connection is accepted before this time: the system had no room for the last one.
  private var acceptAgain = ContinuousClock.now
  private var nextKeepAlive = ContinuousClock.now

  init(_ socket: consuming ListeningSocket, _ server: HTTPServer) {
    self.socket = socket
    self.server = server
  }

  mutating func next() {
    let now = ContinuousClock.now
    let accepts = now >= acceptAgain && hasRoom
    var requests = [
      pollfd(fd: server.bell.number, events: Int16(POLLIN), revents: 0),
      // poll(2) ignores a negative descriptor.
      pollfd(fd: accepts ? socket.number : -1, events: Int16(POLLIN), revents: 0),
    ]
    requests += connections.values.map { pollfd(fd: $0.number, events: $0.events, revents: 0) }
    _ = unsafe poll(&requests, nfds_t(requests.count), 250)
    if requests[0].revents != 0 {
      server.bell.quieten()
      for connection in connections.values { answerWaiting(connection) }
    }
    for request in requests.dropFirst(2) where request.revents != 0 {
      if let connection = connections[request.fd] { look(connection, request.revents) }
    }
    if requests[1].revents != 0 { acceptAll() }
    keepAlive()
    letGo()
  }

  private var hasRoom: Bool {
    connections.count < server.limits.connections || connections.values.contains { $0.evictionRank != nil }
  }

  /// At most as many as there are places, so that endless new connections leave time for the others.
  private mutating func acceptAll() {
    for _ in 0..<server.limits.connections where hasRoom {
      do throws(ListeningFailure) {
        guard let number = try socket.accept() else { return }
        accepted += 1
        place(Connection(number, order: accepted, deadline: .now + server.limits.step))
      } catch {
        acceptAgain = .now + .seconds(1)
        return
      }
    }
  }

  /// Gives the connection a place, if needed that of another one. Reads from it at once: most bring their request with
  /// them, and then keep their place.
  private mutating func place(_ connection: Connection) {
    let ofPeer = connections.values.filter { $0.peer == connection.peer }
    if ofPeer.count >= server.limits.connectionsOfPeer {
      guard let other = Self.least(ofPeer) else { return }
      connections[other.number] = nil
    } else if connections.count >= server.limits.connections {
      guard let other = Self.least(Array(connections.values)) else { return }
      connections[other.number] = nil
    }
    connections[connection.number] = connection
    look(connection, Int16(POLLIN))
  }

  /// The connection that gives up its place: the one that came first among those of the lowest rank.
  private static func least(_ connections: [Connection]) -> Connection? {
    connections.filter { $0.evictionRank != nil }.min {
      ($0.evictionRank ?? 0, $0.order) < ($1.evictionRank ?? 0, $1.order)
    }
  }

  private func look(_ connection: Connection, _ events: Int16) {
    if events & Int16(POLLOUT) != 0 {
      connection.flush()
      // A listener may stay as long as it reads what it is sent.
      if case .listening = connection.state, connection.waits == 0 { connection.deadline = .now + listenerTimeout }
    }
    guard events & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return }
    switch connection.read() {
    case .unfinished: break
    case .refused(let status):
      answer(connection, .refusal(status, "this request is not accepted here"), isHead: false)
    case .head(let head): serve(head, connection)
    }
  }

  private func serve(_ head: RequestHead, _ connection: Connection) {
    let isHead = head.method == "HEAD"
    if let refusal = server.access.refusal(head, at: connection.local) {
      return answer(connection, refusal, isHead: isHead)
    }
    let request = Request(head.target)
    switch server.site.answer(request) {
    case .response(let response): answer(connection, response, isHead: isHead)
    case .later(let otherwise):
      connection.state = .waiting(request, isHead: isHead, otherwise: otherwise)
      connection.deadline = .now + server.limits.answer
    case .events:
      var response = Response(.ok, "text/event-stream", "")
      guard !isHead else { return answer(connection, response, isHead: true) }
      guard listeners < server.limits.listeners else {
        return answer(connection, .refusal(.unavailable, "there are too many listeners; close one"), isHead: false)
      }
      // A listener that reconnects gets what it missed (HTML, section 9.2.4).
      let latest = head.values("last-event-id").first.flatMap(Int.init).map { max(0, $0) } ?? server.log.latest
      response.fields.append(("X-Accel-Buffering", "no"))
      connection.limitBacklog()
      connection.state = .listening(latest: latest)
      connection.deadline = .now + listenerTimeout
      connection.send(Array((response.head + "\r\n: listening\n\n").utf8))
      tellEvents(connection)
    }
  }

  private var listeners: Int {
    connections.values.reduce(0) { count, connection in
      if case .listening = connection.state { count + 1 } else { count }
    }
  }

  private var listenerTimeout: Duration { server.limits.keepAlive * 4 }

  private func answer(_ connection: Connection, _ response: Response, isHead: Bool) {
    connection.state = .answering
    connection.deadline = .now + server.limits.step
    connection.send(response.bytes(withBody: !isHead))
  }

  private func answerWaiting(_ connection: Connection) {
    switch connection.state {
    case .waiting(let request, let isHead, _):
      guard case .response(let response) = server.site.answer(request) else { return }
      answer(connection, response, isHead: isHead)
    case .listening: tellEvents(connection)
    case .reading, .answering, .leaving, .ended: break
    }
  }

  private func tellEvents(_ connection: Connection) {
    guard case .listening(let latest) = connection.state else { return }
    let (text, now) = server.log.after(latest)
    connection.state = .listening(latest: now)
    if !text.isEmpty { connection.send(Array(text.utf8)) }
    if connection.waits > Connection.backlogLimit { connection.state = .ended }
  }

  /// Sends a keep-alive comment: if it cannot be written, the listener has gone.
  private mutating func keepAlive() {
    guard ContinuousClock.now >= nextKeepAlive else { return }
    nextKeepAlive = .now + server.limits.keepAlive
    for connection in connections.values {
      guard case .listening = connection.state, connection.waits == 0 else { continue }
      connection.send(Array(": still here\n\n".utf8))
      if connection.waits == 0 { connection.deadline = .now + listenerTimeout }
    }
  }

  /// Ends connections that are finished or take too long.
  private mutating func letGo() {
    let now = ContinuousClock.now
    for (number, connection) in connections {
      switch connection.state {
      case .answering where connection.waits == 0:
        shutdown(number, Int32(SHUT_WR))
        connection.state = .leaving
        connection.deadline = now + .seconds(1)
      case .waiting(_, let isHead, let otherwise) where now >= connection.deadline:
        answer(connection, otherwise, isHead: isHead)
      case .reading where now >= connection.deadline:
        answer(connection, .refusal(.requestTimeout, "the request took too long"), isHead: false)
      case .ended: connections[number] = nil
      default: if now >= connection.deadline { connections[number] = nil }
      }
    }
  }
}
