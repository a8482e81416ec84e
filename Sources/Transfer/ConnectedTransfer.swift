import Glibc

/// One HTTP/1.1 request over a connection that is already open (RFC 9112), and the answer as it arrives.
///
/// This is for connections that other code opened, which not every libcurl accepts (7.88 connects again). There are no
/// redirects and no other encodings, and each connection carries one request.
///
/// `unsafe` for poll(2), recv(2), send(2) and strerror(3). Sound: what they are given outlives the calls and comes with
/// its length, and the message is copied at once.
struct ConnectedTransfer {
  private enum Body {
    case untilClose
    case rest(UInt64)
    case chunkSize
    case chunk(UInt64)
    case chunkEnd
    case over
  }

  private static var longestHead: Int { 64 << 10 }
  private static var longestChunkLine: Int { 1024 }

  private let connection: Int32
  private let end: ContinuousClock.Instant?
  private var input: [UInt8] = []
  private var body = Body.untilClose

  /// Borrows the connection, which must not block, and waits at most until `end`.
  init(_ connection: Int32, until end: ContinuousClock.Instant?) {
    self.connection = connection
    self.end = end
  }

  /// Sends the request and returns the status. Ends early if the receiver wants no more.
  mutating func perform(_ request: HTTPRequest, _ receiver: Receiver) throws(TransferError) -> Int {
    try send(Self.head(request))
    let status = try readHead(receiver)
    while true {
      while let piece = try nextPiece() {
        if !piece.isEmpty, !receiver.receive(piece) { return status }
      }
      if case .over = body { return status }
      guard try receive() else {
        if case .untilClose = body { return status }
        throw TransferError(reason: "the answer breaks off")
      }
    }
  }

  private static func head(_ request: HTTPRequest) -> [UInt8] {
    // The address is made by this program: a scheme, a host and a path.
    let rest = request.address.drop { $0 != ":" }.dropFirst(3)
    let (host, path) = (rest.prefix { $0 != "/" }, rest.drop { $0 != "/" })
    return Array(
      ("\(request.method) \(path.isEmpty ? "/" : path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: leakaudit\r\n"
        + "Accept: */*\r\nConnection: close\r\n\r\n").utf8)
  }

  // MARK: Head

  /// Reads the final answer's head, after any interim answers, which have their own heads.
  private mutating func readHead(_ receiver: Receiver) throws(TransferError) -> Int {
    while true {
      let lines = try headLines()
      guard let first = lines.first, first.hasPrefix("HTTP/1."),
        let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) }), (100...599).contains(status)
      else { throw TransferError(reason: "the answer is not HTTP") }
      if status < 200 { continue }
      body = try Self.body(lines.dropFirst())
      if status == 204 || status == 304 { body = .over }
      for line in lines { receiver.receiveHead(line + "\r\n") }
      receiver.receiveHead("\r\n")
      return status
    }
  }

  private mutating func headLines() throws(TransferError) -> [String] {
    let mark: [UInt8] = [13, 10, 13, 10]
    while true {
      let range = input.firstRange(of: mark)
      guard (range?.lowerBound ?? input.count - mark.count + 1) <= Self.longestHead else {
        throw TransferError(reason: "the answer's head is too long")
      }
      if let range {
        let text = String(decoding: input[..<range.lowerBound], as: UTF8.self)
        input.removeSubrange(..<range.upperBound)
        return text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
      }
      guard try receive() else { throw TransferError(reason: "there is no answer") }
    }
  }

  /// How the body's length is given (RFC 9112 section 6.3).
  private static func body(_ fields: ArraySlice<String>) throws(TransferError) -> Body {
    var length: UInt64?
    for field in fields {
      let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let value = parts[1].drop(while: \.isWhitespace)
      switch parts[0].lowercased() {
      case "transfer-encoding":
        guard value.lowercased() == "chunked" else { throw TransferError(reason: "the answer's encoding is not known") }
        return .chunkSize
      case "content-length":
        guard let number = UInt64(value) else { throw TransferError(reason: "the answer's length is not a number") }
        guard length == nil || length == number else { throw TransferError(reason: "the answer has two lengths") }
        length = number
      default: break
      }
    }
    return length.map { $0 == 0 ? .over : .rest($0) } ?? .untilClose
  }

  // MARK: Body

  /// The next available piece of the body. Nil if more must arrive first, or if the body is over.
  private mutating func nextPiece() throws(TransferError) -> [UInt8]? {
    switch body {
    case .over: return nil
    case .untilClose: return input.isEmpty ? nil : take(input.count)
    case .rest(let rest):
      guard let piece = takeSome(rest) else { return nil }
      body = rest == UInt64(piece.count) ? .over : .rest(rest - UInt64(piece.count))
      return piece
    case .chunk(let rest):
      guard let piece = takeSome(rest) else { return nil }
      body = rest == UInt64(piece.count) ? .chunkEnd : .chunk(rest - UInt64(piece.count))
      return piece
    case .chunkSize:
      guard let line = try takeLine() else { return nil }
      // Extensions follow a semicolon.
      guard let size = UInt64(line.prefix { $0 != ";" }, radix: 16) else {
        throw TransferError(reason: "the answer's chunks cannot be read")
      }
      body = size == 0 ? .over : .chunk(size)
      return []
    case .chunkEnd:
      guard let line = try takeLine() else { return nil }
      guard line.isEmpty else { throw TransferError(reason: "the answer's chunks cannot be read") }
      body = .chunkSize
      return []
    }
  }

  private mutating func takeSome(_ limit: UInt64) -> [UInt8]? {
    input.isEmpty ? nil : take(Int(min(UInt64(input.count), limit)))
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    defer { input.removeFirst(count) }
    return Array(input[..<count])
  }

  private mutating func takeLine() throws(TransferError) -> String? {
    let range = input.firstRange(of: [13, 10])
    guard (range?.lowerBound ?? input.count - 1) <= Self.longestChunkLine else {
      throw TransferError(reason: "the answer's chunks cannot be read")
    }
    guard let range else { return nil }
    defer { input.removeSubrange(..<range.upperBound) }
    return String(decoding: input[..<range.lowerBound], as: UTF8.self)
  }

  // MARK: Connection

  /// Waits for input and appends it. Returns false if the other side has closed.
  private mutating func receive() throws(TransferError) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(connection, &buffer, buffer.count, 0)
      if count > 0 {
        input += buffer[..<count]
        return true
      }
      if count == 0 { return false }
      try wait(errno, for: POLLIN)
    }
  }

  private func send(_ bytes: [UInt8]) throws(TransferError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.send(connection, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 { rest = rest.dropFirst(count) } else { try wait(errno, for: POLLOUT) }
    }
  }

  /// After a failed call, waits until it can be tried again, or throws.
  private func wait(_ code: Int32, for event: Int32) throws(TransferError) {
    if code == EINTR { return }
    guard code == EAGAIN || code == EWOULDBLOCK else {
      throw TransferError(reason: unsafe String(cString: strerror(code)))
    }
    var wanted = pollfd(fd: connection, events: Int16(event), revents: 0)
    var limit: Int32 = -1
    if let end {
      guard end > .now else { throw TransferError(reason: "it does not answer in time") }
      limit = Int32(min(max(((end - .now) / .milliseconds(1)).rounded(.up), 1), 60_000))
    }
    _ = unsafe poll(&wanted, 1, limit)
  }
}
