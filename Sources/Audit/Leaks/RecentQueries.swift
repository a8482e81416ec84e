import Wire

/// Remembers what the latest DNS queries over UDP said: a stub resolver asks again, and a leaking program asks for the
/// same few names all day. A query that is the same to the last byte, apart from its identifier, says the same.
///
/// Bytes are compared, not hashes of them. Longer queries, which carry padding or cookies, are read each time.
struct RecentQueries: Sendable {
  private static var sets: Int { 16 }
  /// Queries of one hash: a resolver asks for two kinds of addresses in turn, and neither may displace the other.
  private static var ways: Int { 4 }
  /// Bytes after the identifier.
  private static var lengths: ClosedRange<Int> { 8...128 }
  private static var longest: Int { lengths.upperBound / 8 }
  private static var identifierLength: Int { 2 }

  private var texts: [ClearText] = []
  private var counts: [Int] = []
  private var words: [UInt64] = []
  /// The way that is replaced next, in whichever set.
  private var next = 0
  private let seed: UInt64

  init(seed: UInt64 = .random(in: .min ... .max)) { self.seed = seed }

  /// What a query says.
  mutating func read(_ query: RawSpan) -> ClearText {
    guard query.byteCount > Self.identifierLength, Self.lengths.contains(query.byteCount - Self.identifierLength) else {
      return Self.text(query)
    }
    let content = query.extracting(droppingFirst: Self.identifierLength)
    if counts.isEmpty {
      texts = Array(repeating: ClearText(), count: Self.sets * Self.ways)
      counts = Array(repeating: 0, count: Self.sets * Self.ways)
      words = Array(repeating: 0, count: Self.sets * Self.ways * Self.longest)
    }
    if let slot = slot(of: content) { return texts[slot] }
    let text = Self.text(query)
    let slot = firstSlot(of: content) + next
    next = (next + 1) & (Self.ways - 1)
    for index in Self.indices(of: content) { words[slot * Self.longest + index] = Self.word(index, of: content) }
    counts[slot] = content.byteCount
    texts[slot] = text
    return text
  }

  /// Whether the query is remembered.
  func knows(_ query: RawSpan) -> Bool {
    slot(of: query.extracting(droppingFirst: Self.identifierLength)) != nil
  }

  private func slot(of content: RawSpan) -> Int? {
    let first = firstSlot(of: content)
    for slot in first..<first + Self.ways where counts[slot] == content.byteCount && holds(content, at: slot) {
      return slot
    }
    return nil
  }

  private static func text(_ query: RawSpan) -> ClearText {
    var text = ClearText()
    text.add(query: query)
    return text
  }

  private static func indices(of content: RawSpan) -> Range<Int> { 0..<(content.byteCount + 7) / 8 }

  /// The content as words. The last one overlaps the one before, so that no byte is left over.
  private static func word(_ index: Int, of content: RawSpan) -> UInt64 {
    content.uint64(at: min(8 * index, content.byteCount - 8))
  }

  private func firstSlot(of content: RawSpan) -> Int {
    var hash = KeyHash(seed: seed)
    for index in Self.indices(of: content) {
      hash.mix(Self.word(index, of: content), UInt64(truncatingIfNeeded: index))
    }
    return (Int(truncatingIfNeeded: hash.value) & (Self.sets - 1)) * Self.ways
  }

  /// Whether the query in the slot, which has the same length, is the same.
  private func holds(_ content: RawSpan, at slot: Int) -> Bool {
    let kept = words.span
    let start = slot * Self.longest
    for index in Self.indices(of: content) where kept[start + index] != Self.word(index, of: content) { return false }
    return true
  }
}
