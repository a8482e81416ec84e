import TestSupport
import Wire

/// A conversation of many packets, and its progress.
struct Stream {
  enum Content {
    case tls, http, bitTorrent
    /// TCP of no known form.
    case plain
    /// UDP of no known form.
    case datagrams
  }

  let ends: Ends
  let content: Content
  let egress: Egress
  /// The other container, where it stays on the bridge.
  let peer: UInt8?
  fileprivate var step = 0
  fileprivate var sent: UInt32
  fileprivate var received: UInt32

  init(_ ends: Ends, _ content: Content, _ egress: Egress, peer: UInt8? = nil) {
    self.ends = ends
    self.content = content
    self.egress = egress
    self.peer = peer
    sent = UInt32(ends.sourcePort) &* 0x9E37_79B9
    received = sent &* 0x85EB_CA6B
  }

  /// What the initiator says first.
  fileprivate var opening: [UInt8] {
    switch content {
    case .tls: tlsRecords(clientHello("cdn-\(ends.destinationPort).leak.example"))
    case .http: Array("GET /announce HTTP/1.1\r\nHost: tracker.leak.example\r\nUser-Agent: curl/8.5.0\r\n\r\n".utf8)
    case .bitTorrent: [19] + Array("BitTorrent protocol".utf8) + filler(8, 0) + filler(40)
    case .plain, .datagrams: filler(64)
    }
  }
}

/// Flags of RFC 9293 section 3.1.
private enum Flags {
  static let syn: UInt16 = 2
  static let push: UInt16 = 8
  static let acknowledge: UInt16 = 16
}

extension Traffic {
  /// The stream's next packet: its beginning as the protocol has it, then `length` bytes of data, and in one packet of
  /// `answers` (0: never) an answer.
  mutating func advance(_ stream: inout Stream, length: Int, answers: Int = 0) throws(Failure) {
    defer { stream.step += 1 }
    let isAnswer = answers > 0 && below(answers) == 0
    // Of TCP, three segments come before any data.
    switch stream.content == .datagrams ? stream.step + 3 : stream.step {
    case 0: try segment(&stream, Flags.syn, [])
    case 1:
      let flags = Flags.acknowledge | (answers > 0 ? Flags.syn : 0)
      try segment(&stream, flags, [], isAnswer: answers > 0)
    case 2: try segment(&stream, Flags.acknowledge, [])
    case 3: try data(&stream, stream.opening)
    default: try data(&stream, nil, length: max(8, length), isAnswer: isAnswer)
    }
  }

  private mutating func data(
    _ stream: inout Stream, _ content: [UInt8]?, length: Int = 0, isAnswer: Bool = false
  ) throws(Failure) {
    guard stream.content == .datagrams else {
      return try segment(&stream, Flags.acknowledge | Flags.push, content, length: length, isAnswer: isAnswer)
    }
    let ends = isAnswer ? stream.ends.reversed : stream.ends
    let count = content?.count ?? length
    begin(ends, .udp, length: count + 8)
    appendUDP(ends, length: count)
    if let content { append(content) } else { appendNoise(count) }
    try pass(stream, isAnswer: isAnswer)
  }

  private mutating func segment(
    _ stream: inout Stream, _ flags: UInt16, _ content: [UInt8]?, length: Int = 0, isAnswer: Bool = false
  ) throws(Failure) {
    let ends = isAnswer ? stream.ends.reversed : stream.ends
    let count = content?.count ?? length
    let isFirst = flags & Flags.syn != 0
    begin(ends, .tcp, length: (isFirst ? 40 : 32) + count)
    append(UInt32(ends.sourcePort) << 16 | UInt32(ends.destinationPort))
    append(isAnswer ? stream.received : stream.sent)
    append(flags == Flags.syn ? 0 : isAnswer ? stream.sent : stream.received)
    append((isFirst ? 0xA000 : 0x8000) | flags)
    append(0xFAF0 as UInt16)
    append(0 as UInt32)
    if isFirst {
      // Largest segment 1460, SACK permitted.
      append(0x0204_05B4 as UInt32)
      append(0x0402_080A as UInt32)
    } else {
      append(0x0101_080A as UInt32)
    }
    append(UInt32(truncatingIfNeeded: counts.frames))
    append(flags == Flags.syn ? 0 : UInt32(truncatingIfNeeded: counts.frames))
    if isFirst { append(0x0103_0307 as UInt32) }
    if let content { append(content) } else { appendNoise(count) }
    let advanced = UInt32(count) + (isFirst ? 1 : 0)
    if isAnswer { stream.received &+= advanced } else { stream.sent &+= advanced }
    try pass(stream, isAnswer: isAnswer)
  }

  private mutating func pass(_ stream: Stream, isAnswer: Bool) throws(Failure) {
    guard let peer = stream.peer else {
      return try send(isAnswer ? .returning : .leaving, stream.egress, station: stream.ends.station)
    }
    let (own, other) = isAnswer ? (peer, stream.ends.station) : (stream.ends.station, peer)
    try send(.inside, stream.egress, station: own, peer: other)
  }
}
