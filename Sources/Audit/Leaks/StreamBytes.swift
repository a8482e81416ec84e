import Wire

/// The first bytes of a stream, assembled from pieces that come in any order, twice, or overlapping.
///
/// The first copy of a byte counts. Bounded: pieces beyond the limit, or in too many islands, are not kept, and the
/// stream is then no longer than before.
struct StreamBytes: Sendable {
  static let limit = 16384
  /// QUIC clients scatter their hello on purpose, over a few dozen pieces.
  static let maximumIslands = 64

  private var bytes: [UInt8] = []
  /// The ranges that are present, in order; none touches the next.
  private(set) var islands: [Range<Int>] = []

  /// How many bytes are there from the beginning without a gap.
  var count: Int { islands.first.map { $0.lowerBound == 0 ? $0.upperBound : 0 } ?? 0 }

  /// The bytes from the beginning without a gap.
  var beginning: RawSpan {
    @_lifetime(borrow self) get { bytes.view.extracting(first: count) }
  }

  /// The bytes of an island.
  subscript(range: Range<Int>) -> RawSpan {
    @_lifetime(borrow self) get { bytes.view.extracting(range) }
  }

  /// Returns false if nothing is kept, because it would be one island too many.
  @discardableResult
  mutating func insert(_ piece: RawSpan, at offset: Int) -> Bool {
    guard offset >= 0, offset < Self.limit, piece.byteCount > 0 else { return true }
    // QUIC offsets reach up to 2^62: the limit is checked before anything is added to one.
    let range = offset..<min(Self.limit, offset + piece.byteCount)
    // The islands that the piece overlaps or touches merge with it.
    let first = islands.firstIndex { $0.upperBound >= range.lowerBound } ?? islands.count
    let last = islands[first...].firstIndex { $0.lowerBound > range.upperBound } ?? islands.count
    guard first < last || islands.count < Self.maximumIslands else { return false }
    if bytes.count < range.upperBound {
      bytes += [UInt8](repeating: 0, count: range.upperBound - bytes.count)
    }
    var position = range.lowerBound
    for island in islands[first..<last] {
      copy(piece, offset, position..<max(position, min(island.lowerBound, range.upperBound)))
      position = max(position, island.upperBound)
    }
    copy(piece, offset, position..<max(position, range.upperBound))
    let merged = islands[first..<last].reduce(range) {
      min($0.lowerBound, $1.lowerBound)..<max($0.upperBound, $1.upperBound)
    }
    islands.replaceSubrange(first..<last, with: [merged])
    return true
  }

  /// Removes bytes from the beginning, whether present or not.
  mutating func removeFirst(_ count: Int) {
    bytes.removeFirst(min(count, bytes.count))
    islands = islands.compactMap { island in
      let range = max(0, island.lowerBound - count)..<max(0, island.upperBound - count)
      return range.isEmpty ? nil : range
    }
  }

  private mutating func copy(_ piece: RawSpan, _ offset: Int, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    var target = bytes.mutableSpan
    piece.extracting(range.lowerBound - offset..<range.upperBound - offset).copy(to: &target, at: range.lowerBound)
  }
}
