import CLzma

/// Decompresses xz (https://tukaani.org/xz/xz-file-format.txt): one or more streams in a row, and padding of zero bytes.
///
/// Owns the library's state and an input buffer; `unsafe` because the library takes addresses. Sound: both live as long
/// as this value, and the library uses their lengths and the output span's only during one call.
@safe
struct XzInflater: ~Copyable {
  private static var inputCapacity: Int { 128 << 10 }
  /// Enough for `xz -9`, which needs 65 MiB.
  private static var memoryLimit: UInt64 { 128 << 20 }

  private let state: UnsafeMutablePointer<lzma_stream>
  private let input: UnsafeMutableRawPointer
  private var isAtEnd = false
  private var isFinished = false
  private var failure: SavefileError?

  init() throws(SavefileError) {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: lzma_stream())
    unsafe input = .allocate(byteCount: Self.inputCapacity, alignment: 16)
    // LZMA_CONCATENATED, a macro that the importer cannot see.
    let result = unsafe lzma_stream_decoder(state, Self.memoryLimit, 0x08)
    guard result == LZMA_OK else {
      throw SavefileError(.corruptCompression(.xz, reason: "the library cannot start"))
    }
  }

  deinit {
    unsafe lzma_end(state)
    unsafe state.deallocate()
    unsafe input.deallocate()
  }

  /// Reads the next decompressed bytes. Damage is reported only after all bytes before it were delivered.
  mutating func read(into span: inout MutableRawSpan, from source: inout ByteSource) throws(SavefileError) -> Int {
    if let failure { throw failure }
    while !isFinished {
      if unsafe state.pointee.avail_in == 0, !isAtEnd, try refill(from: &source) == 0 {
        if source.wasStoppedEarly { return 0 }
        isAtEnd = true
      }
      let (result, produced) = decompress(into: &span)
      if result == LZMA_STREAM_END {
        isFinished = true
      } else if result != LZMA_OK {
        let error = failed(result, source.bytesRead)
        failure = error
        if produced == 0 { throw error }
      }
      if produced > 0 { return produced }
    }
    return 0
  }

  private mutating func decompress(into span: inout MutableRawSpan) -> (result: lzma_ret, produced: Int) {
    let state = unsafe state
    // Only with LZMA_FINISH does the library say whether the last stream is whole.
    let action = isAtEnd ? LZMA_FINISH : LZMA_RUN
    return unsafe span.withUnsafeMutableBytes { output in
      unsafe state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.avail_out = output.count
      let result = unsafe lzma_code(state, action)
      return (result, output.count - (unsafe state.pointee.avail_out))
    }
  }

  private mutating func refill(from source: inout ByteSource) throws(SavefileError) -> Int {
    var span = unsafe MutableRawSpan(_unsafeStart: input, byteCount: Self.inputCapacity)
    let count = try source.read(into: &span)
    unsafe state.pointee.next_in = UnsafePointer(input.assumingMemoryBound(to: UInt8.self))
    unsafe state.pointee.avail_in = count
    return count
  }

  private func failed(_ result: lzma_ret, _ position: UInt64) -> SavefileError {
    func corrupt(_ reason: String) -> SavefileError {
      SavefileError(.corruptCompression(.xz, reason: reason), at: position)
    }
    switch result {
    // No progress is possible: the input ended too early.
    case LZMA_BUF_ERROR: return SavefileError(.cutCompression(.xz), at: position)
    case LZMA_MEMLIMIT_ERROR: return SavefileError(.compressionWindowTooLarge(.xz), at: position)
    case LZMA_FORMAT_ERROR: return corrupt("something else follows its end")
    case LZMA_DATA_ERROR: return corrupt("its check value or its contents are wrong")
    case LZMA_OPTIONS_ERROR: return corrupt("its options are unknown")
    default: return corrupt("liblzma's error \(result.rawValue)")
    }
  }
}
