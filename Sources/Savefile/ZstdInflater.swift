import CZstd

/// Decompresses Zstandard (RFC 8878): one or more frames in a row, with skippable frames between them.
///
/// Owns the library's state and an input buffer; `unsafe` because the library takes addresses. Sound: both live
/// as long as this value, and the library uses their lengths and the output span's only during one call.
@safe
struct ZstdInflater: ~Copyable {
  private static var inputCapacity: Int { 128 << 10 }

  private let state: OpaquePointer
  private let input: UnsafeMutableRawPointer
  private var inputStart = 0
  private var inputEnd = 0
  private var isInFrame = false
  /// Whether the last call filled its output. Then the library may hold more output, even without new input.
  private var mayHoldOutput = false
  private var failure: SavefileError?

  init() throws(SavefileError) {
    guard let state = unsafe ZSTD_createDCtx() else {
      throw SavefileError(.corruptCompression(.zstd, reason: "the library cannot start"))
    }
    unsafe self.state = state
    unsafe input = .allocate(byteCount: Self.inputCapacity, alignment: 16)
  }

  deinit {
    unsafe ZSTD_freeDCtx(state)
    unsafe input.deallocate()
  }

  /// Reads the next decompressed bytes. Damage is reported only after all bytes before it were delivered.
  mutating func read(into span: inout MutableRawSpan, from source: inout ByteSource) throws(SavefileError) -> Int {
    if let failure { throw failure }
    while true {
      if inputStart == inputEnd, !mayHoldOutput, try refill(from: &source) == 0 {
        if !isInFrame || source.wasStoppedEarly { return 0 }
        throw SavefileError(.cutCompression(.zstd), at: source.bytesRead)
      }
      let (result, produced, consumed) = decompress(into: &span)
      if ZSTD_isError(result) != 0 {
        let error = failed(result, source.bytesRead)
        failure = error
        if produced == 0 { throw error }
      } else if produced > 0 || consumed > 0 {
        // Otherwise nothing was left to flush, and the result only asks for a next frame, which need not come.
        isInFrame = result != 0
      }
      if produced > 0 { return produced }
    }
  }

  private mutating func decompress(
    into span: inout MutableRawSpan
  ) -> (result: Int, produced: Int, consumed: Int) {
    let (state, input, start, end) = unsafe (state, input, inputStart, inputEnd)
    let (result, produced, position) = unsafe span.withUnsafeMutableBytes { buffer in
      var output = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      var pending = unsafe ZSTD_inBuffer(src: input, size: end, pos: start)
      let result = unsafe ZSTD_decompressStream(state, &output, &pending)
      return unsafe (result, output.pos, pending.pos)
    }
    inputStart = position
    mayHoldOutput = produced == span.byteCount
    return (result, produced, position - start)
  }

  private mutating func refill(from source: inout ByteSource) throws(SavefileError) -> Int {
    var span = unsafe MutableRawSpan(_unsafeStart: input, byteCount: Self.inputCapacity)
    inputEnd = try source.read(into: &span)
    inputStart = 0
    return inputEnd
  }

  private func failed(_ result: Int, _ position: UInt64) -> SavefileError {
    if ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge {
      return SavefileError(.compressionWindowTooLarge(.zstd), at: position)
    }
    let reason = unsafe String(cString: ZSTD_getErrorName(result))
    return SavefileError(.corruptCompression(.zstd, reason: reason), at: position)
  }
}
