import CPrefetch

/// A window that slides over a byte stream. It holds the bytes read but not yet used, in one piece of memory.
///
///      0        cursor                end         capacity
///     +--------+---------------------+-----------+
///     | used   | available           | room      |
///     +--------+---------------------+-----------+
///
/// `fill` moves the available bytes to the front and reads after them. The memory grows only for a record that is
/// larger than all of it, so the reader's limit for a record bounds it.
///
/// The module's reads of captured bytes are here, hence `unsafe`. Sound: every access is checked against
/// `available` first, this value owns the memory, and lent spans end before the window can move.
@safe
struct SavefileWindow: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private var cursor = 0
  private var end = 0
  /// The offset in the uncompressed stream of the memory's first byte.
  private var origin: UInt64 = 0
  private(set) var stream: ByteStream

  /// Measured with 10 million small records: 1 MiB takes 2 ns a frame less than 256 KiB.
  static var usualCapacity: Int { 1 << 20 }

  init(_ stream: consuming ByteStream, capacity: Int = usualCapacity) {
    self.stream = stream
    self.capacity = max(capacity, 16)
    unsafe base = .allocate(byteCount: self.capacity, alignment: 64)
  }

  deinit { unsafe base.deallocate() }

  /// How many bytes are available from the cursor on.
  var available: Int { end &- cursor }

  /// The cursor's offset in the uncompressed stream.
  var position: UInt64 { origin &+ UInt64(truncatingIfNeeded: cursor) }

  /// Reads the stream's first bytes. If they show a compressed stream, starts again and decompresses it.
  mutating func detectCompression() throws(SavefileError) {
    try fill(4)
    let beginning = copy(at: 0, atMost: available)
    guard let compression = Compression(beginning: beginning) else { return }
    try stream.inflate(compression, from: beginning)
    end = 0
  }

  /// Moves the cursor over bytes that are available.
  mutating func consume(_ count: Int) {
    precondition(count <= available)
    cursor &+= count
  }

  /// Reads until `count` bytes are available, or the stream ends.
  mutating func fill(_ count: Int) throws(SavefileError) {
    slide(toHold: count)
    while available < count {
      var room = unsafe MutableRawSpan(_unsafeStart: base + end, byteCount: capacity - end)
      let read = try stream.read(into: &room)
      if read == 0 { return }
      end += read
    }
  }

  private mutating func slide(toHold count: Int) {
    let leftover = available
    if count > capacity {
      let grown = max(count, 2 * capacity)
      let memory = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 64)
      unsafe memory.copyMemory(from: base + cursor, byteCount: leftover)
      unsafe base.deallocate()
      unsafe base = memory
      capacity = grown
    } else if cursor > 0 {
      unsafe base.copyMemory(from: base + cursor, byteCount: leftover)
    }
    origin += UInt64(cursor)
    cursor = 0
    end = leftover
  }

  /// Bytes at an offset from the cursor, lent until the window moves.
  @_lifetime(borrow self)
  func bytes(at offset: Int, count: Int) -> RawSpan {
    precondition(offset >= 0 && count >= 0 && offset &+ count <= available)
    let span = unsafe RawSpan(_unsafeStart: base + cursor + offset, byteCount: count)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// Asks for the bytes at an offset from the cursor, which will be read next. They need not be in the window.
  ///
  /// A frame's end says where the next one begins. The processor finds that out by itself for short frames in a row, not
  /// for long ones of many lengths: there it waited 6 % of its time (`mixed` of the benchmarks).
  @inline(__always)
  func prefetch(at offset: Int) {
    // Two cache lines hold a record's header and the packet's.
    unsafe CPrefetch.prefetch(base + cursor + offset)
    unsafe CPrefetch.prefetch(base + cursor + offset + 64)
  }

  func uint8(at offset: Int) -> UInt8 { load(at: offset) }
  func uint16(at offset: Int, _ order: ByteOrder) -> UInt16 { order(load(at: offset)) }
  func uint32(at offset: Int, _ order: ByteOrder) -> UInt32 { order(load(at: offset)) }
  func uint64(at offset: Int, _ order: ByteOrder) -> UInt64 { order(load(at: offset)) }

  /// Reads four words in a row, as in record headers, with only one bounds check.
  func fourWords(at offset: Int, _ order: ByteOrder) -> (UInt32, UInt32, UInt32, UInt32) {
    precondition(offset >= 0 && offset &+ 16 <= available)
    let start = unsafe base + cursor + offset
    return unsafe (
      order(start.loadUnaligned(fromByteOffset: 0, as: UInt32.self)),
      order(start.loadUnaligned(fromByteOffset: 4, as: UInt32.self)),
      order(start.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
      order(start.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    )
  }

  /// The bytes as an array, as far as they are available. For names and messages, not for frames.
  func copy(at offset: Int, atMost count: Int) -> [UInt8] {
    let span = bytes(at: offset, count: min(count, available - offset))
    return unsafe span.withUnsafeBytes { unsafe Array($0) }
  }

  private func load<Word: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Word {
    precondition(offset >= 0 && offset &+ MemoryLayout<Word>.size <= available)
    return unsafe (base + cursor).loadUnaligned(fromByteOffset: offset, as: Word.self)
  }
}
