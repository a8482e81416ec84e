import Wire

/// Reads what a client sends over one TCP connection to a DNS server, as far as it was captured: messages, each after
/// its length (RFC 1035 section 4.2.2).
///
/// If bytes are missing, reading goes on where the previous message says that the next one begins, or else where a
/// segment begins with what looks like a query: clients write whole messages, or a length and then its message. Inside
/// a segment after a hole it goes on at a query that fits its length and all its fields to the last byte; nothing less
/// counts as a boundary. What may be missing is counted, and subtracted again if it comes late.
///
/// Bounded by `StreamBytes`: to make room, the oldest hole is given up.
struct DNSStream: Sendable {
  /// Where a message may begin.
  private struct Beginning: Sendable {
    var offset: Int
    /// Whether the previous message says so, or the connection begins here.
    var isCertain: Bool
  }

  /// The sequence number of the very first byte.
  let origin: UInt32
  /// The sequence number of the first byte that is still kept; offsets count from here.
  private var start: UInt32
  private var bytes = StreamBytes()
  /// Sorted, without duplicates.
  private var beginnings: [Beginning]
  /// Messages that were read although something before them or in them was missing.
  private var messages: [Range<Int>] = []
  /// How far the stream reaches by its segments' lengths, captured or not.
  private var end = 0
  /// How many holes were given up, and what could not be read.
  private var unread = 0
  private var isFinished = false

  private static var maximumBeginnings: Int { 64 }

  /// `isWhole`: the connection itself begins here.
  init(at sequence: UInt32, isWhole: Bool) {
    origin = sequence
    start = sequence
    beginnings = isWhole ? [Beginning(offset: 0, isCertain: true)] : []
  }

  /// Whether a segment can belong to this connection: a client that opens another one from the same port chooses new
  /// sequence numbers.
  func canHold(_ sequence: UInt32) -> Bool { offset(of: sequence) > -(1 << 20) }

  private func offset(of sequence: UInt32) -> Int { Int(Int32(bitPattern: sequence &- start)) }

  /// Reads what the segment completes. `length`: the bytes sent; `payload`: the bytes captured; `isLast`: whether FIN
  /// is set.
  mutating func follow(_ sequence: UInt32, _ payload: RawSpan, length: Int, isLast: Bool) -> ClearText {
    var text = ClearText()
    let offset = offset(of: sequence)
    if offset < 0, offset + length <= 0 {
      // A retransmission, or sent before the first captured byte.
      guard length > 0, Int32(bitPattern: sequence &- origin) < 0 else { return text }
      var earlier = Self(at: sequence, isWhole: false)
      return earlier.follow(sequence, payload, length: length, isLast: false)
    }
    let before = losses
    // FIN has a sequence number too: an acknowledgement after a lost FIN is no sign of lost bytes.
    if length > 0 || isLast || offset != end + 1, !isFinished { end = max(end, offset + length) }
    isFinished = isFinished || isLast
    // Offloaded segments are larger than the window.
    var taken = 0
    while taken < payload.byteCount {
      let piece = payload.extracting(droppingFirst: taken).extracting(first: StreamBytes.limit / 2)
      insert(piece, at: self.offset(of: sequence &+ UInt32(taken)), isBeginning: taken == 0)
      read(&text)
      forgetRead()
      taken += piece.byteCount
    }
    // The missing bytes may show where a message that was waited for is cut.
    if payload.byteCount < length || length == 0 { read(&text) }
    text.lostQuestions = losses - before
    return text
  }

  private mutating func insert(_ whole: RawSpan, at sent: Int, isBeginning: Bool) {
    var piece = whole
    var offset = sent
    while offset > 0, offset + piece.byteCount > StreamBytes.limit { offset -= giveUp(before: offset) }
    var isWhole = true
    while true {
      if offset < 0 {
        piece = piece.extracting(droppingFirst: -offset)
        offset = 0
        isWhole = false
      }
      if bytes.insert(piece, at: offset) { break }
      offset -= giveUp(before: .max)
    }
    if isBeginning, isWhole { add(Beginning(offset: offset, isCertain: false)) }
    if !isRead(0..<offset), let query = DNSShape.wholeQuery(in: piece) {
      add(Beginning(offset: offset + query, isCertain: false))
    }
  }

  // MARK: Reading

  private enum Message {
    /// All of it, up to the next message; or all its questions, though its end is missing.
    case readable(next: Int)
    /// All of it except its length, up to the next message if that can be known.
    case withoutLength(next: Int?)
    /// More of it may come; the next message begins at `next`, if that can be known.
    case open(next: Int?)
    case none
  }

  private mutating func read(_ text: inout ClearText) {
    let bytes = bytes
    for island in bytes.islands {
      var position = island.lowerBound
      while let beginning = beginnings.first(where: { $0.offset >= position }), beginning.offset < island.upperBound {
        let offset = beginning.offset
        position = offset + 1
        switch message(at: beginning, in: island) {
        case .readable(let next):
          add(bytes[offset + 2..<min(next, island.upperBound)], from: offset, to: next, in: island, &text)
          position = next
        case .withoutLength(let next):
          beginnings.removeAll { $0.offset == offset }
          text.add(query: bytes[offset..<island.upperBound])
          guard let next else { break }
          position = next
          keep(offset..<next)
        case .open(let next):
          guard let next else { break }
          if next < end { add(Beginning(offset: next, isCertain: beginning.isCertain)) }
          // An offset that is known to be inside a message is not a beginning.
          guard beginning.isCertain else { break }
          beginnings.removeAll { offset < $0.offset && $0.offset < next }
          position = next
        case .none:
          beginnings.removeAll { $0.offset == offset }
          // After a hole this counts with the hole.
          if beginning.isCertain || isOrigin(offset) { unread += 1 }
        }
      }
    }
  }

  private func message(at beginning: Beginning, in island: Range<Int>) -> Message {
    let rest = bytes[beginning.offset..<island.upperBound]
    guard rest.byteCount >= 2 else { return .open(next: nil) }
    let length = Int(rest.uint16(at: 0))
    let next = beginning.offset + 2 + length
    let message = rest.extracting(droppingFirst: 2).extracting(first: length)
    // Queries are short, but updates are not (RFC 2136).
    let isLong = 2 + length > StreamBytes.limit
    let isMessage =
      beginning.isCertain && !isLong
      ? length >= 12 : length >= DNSShape.shortestQuery && DNSShape.mayBeQuery(message, length)
    if isMessage {
      if message.byteCount == length { return .readable(next: next) }
      let isMissing = isLong || island.upperBound < end
      return isMissing && DNSShape.hasQuestions(message) ? .readable(next: next) : .open(next: next)
    }
    // Its length may be what is missing.
    guard !beginning.isCertain, beginning.offset == island.lowerBound, DNSShape.mayBeQuery(rest, nil) else {
      return .none
    }
    guard let questions = DNSQuestions(message: rest), !questions.isIncomplete else { return .open(next: nil) }
    return .withoutLength(next: DNSShape.end(of: rest, questions).map { beginning.offset + $0 })
  }

  /// Adds what a message says, unless it was read before.
  private mutating func add(
    _ message: RawSpan, from offset: Int, to next: Int, in island: Range<Int>, _ text: inout ClearText
  ) {
    // The supposed beginnings before it were wrong.
    let others = island.lowerBound..<offset
    if beginnings.contains(where: { others.contains($0.offset) && isOrigin($0.offset) }) { unread += 1 }
    beginnings.removeAll { others.contains($0.offset) || offset <= $0.offset && $0.offset < next }
    add(Beginning(offset: next, isCertain: true))
    guard !messages.contains(where: { $0.overlaps(offset..<next) }) else { return }
    keep(offset..<next)
    text.add(query: message)
    if !DNSShape.hasQuestions(message) { unread += 1 }
  }

  /// Whether the audit's view of an older connection begins at the offset: no hole shows what is missing there.
  private func isOrigin(_ offset: Int) -> Bool { start &+ UInt32(truncatingIfNeeded: offset) == origin }

  // MARK: What is missing

  /// How many losses may hide questions.
  private var losses: Int { unread + holes }

  /// Holes that are not inside a single message whose questions were read.
  private var holes: Int {
    var count = 0
    var position = 0
    for island in bytes.islands {
      if !isRead(position..<island.lowerBound) { count += 1 }
      position = island.upperBound
    }
    return isRead(position..<max(position, end)) ? count : count + 1
  }

  private func isRead(_ hole: Range<Int>) -> Bool {
    hole.isEmpty || messages.contains { $0.lowerBound <= hole.lowerBound && hole.upperBound <= $0.upperBound }
  }

  private mutating func add(_ beginning: Beginning) {
    let index = beginnings.firstIndex { $0.offset >= beginning.offset } ?? beginnings.count
    if index < beginnings.count, beginnings[index].offset == beginning.offset {
      if beginning.isCertain { beginnings[index].isCertain = true }
      return
    }
    if !beginning.isCertain, messages.contains(where: { $0.contains(beginning.offset) }) { return }
    beginnings.insert(beginning, at: index)
    if beginnings.count > Self.maximumBeginnings {
      beginnings.removeFirst()
      unread += 1
    }
  }

  private mutating func keep(_ message: Range<Int>) {
    messages.append(message)
    if messages.count > Self.maximumBeginnings { messages.removeFirst() }
  }

  /// Forgets what was read at the beginning of the stream, if there is no hole before it.
  private mutating func forgetRead() {
    let count = bytes.count
    let next = beginnings.first.map { min($0.offset, count) } ?? count
    if next > 0 { drop(next) }
  }

  /// Makes room: gives up the first hole, or everything before `offset` if there is none. Returns how many bytes.
  private mutating func giveUp(before offset: Int) -> Int {
    let lost = holes
    let next = min(offset, bytes.islands.first { $0.lowerBound > 0 }?.lowerBound ?? offset)
    guard next > 0 else { return 0 }
    let isCut = beginnings.contains { $0.isCertain && $0.offset < next }
    drop(next)
    unread += max(isCut ? 1 : 0, lost - holes)
    return next
  }

  private mutating func drop(_ count: Int) {
    bytes.removeFirst(count)
    start &+= UInt32(truncatingIfNeeded: count)
    end = max(0, end - count)
    beginnings = beginnings.compactMap { beginning in
      beginning.offset < count ? nil : Beginning(offset: beginning.offset - count, isCertain: beginning.isCertain)
    }
    messages = messages.compactMap { message in
      message.upperBound <= count ? nil : max(0, message.lowerBound - count)..<message.upperBound - count
    }
  }
}
