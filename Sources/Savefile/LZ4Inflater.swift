import CLZ4

/// Decompresses LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md): one or more in a row.
///
/// Owns the library's state and an input buffer; `unsafe` because the library takes addresses. Sound: both live as long
/// as this value, and the library uses their lengths and the output span's only during one call.
@safe
struct LZ4Inflater: ~Copyable {
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
    var state: OpaquePointer?
    // LZ4F_VERSION, a macro that the importer cannot see.
    guard unsafe LZ4F_isError(LZ4F_createDecompressionContext(&state, 100)) == 0, let state = unsafe state else {
      throw SavefileError(.corruptCompression(.lz4, reason: "the library cannot start"))
    }
    unsafe self.state = state
    unsafe input = .allocate(byteCount: Self.inputCapacity, alignment: 16)
  }

  deinit {
    _ = unsafe LZ4F_freeDecompressionContext(state)
    unsafe input.deallocate()
  }

  /// Reads the next decompressed bytes. Damage is reported only after all bytes before it were delivered.
  mutating func read(into span: inout MutableRawSpan, from source: inout ByteSource) throws(SavefileError) -> Int {
    if let failure { throw failure }
    while true {
      if inputStart == inputEnd, !mayHoldOutput, try refill(from: &source) == 0 {
        if !isInFrame || source.wasStoppedEarly { return 0 }
        throw SavefileError(.cutCompression(.lz4), at: source.bytesRead)
      }
      let (result, produced, consumed) = decompress(into: &span)
      if LZ4F_isError(result) != 0 {
        let reason = unsafe String(cString: LZ4F_getErrorName(result))
        let error = SavefileError(.corruptCompression(.lz4, reason: reason), at: source.bytesRead)
        failure = error
        if produced == 0 { throw error }
      } else if produced > 0 || consumed > 0 {
        // Otherwise nothing was left to flush, and the result only asks for a next frame, which need not come.
        isInFrame = result != 0
      }
      if produced > 0 { return produced }
    }
  }

  private mutating func decompress(into span: inout MutableRawSpan) -> (result: Int, produced: Int, consumed: Int) {
    let (state, input, start) = unsafe (state, input, inputStart)
    var consumed = inputEnd - inputStart
    let (result, produced) = unsafe span.withUnsafeMutableBytes { output in
      var room = output.count
      let result = unsafe LZ4F_decompress(state, output.baseAddress, &room, input + start, &consumed, nil)
      return (result, LZ4F_isError(result) != 0 ? 0 : room)
    }
    if LZ4F_isError(result) != 0 { consumed = 0 }
    inputStart += consumed
    mayHoldOutput = produced == span.byteCount
    return (result, produced, consumed)
  }

  private mutating func refill(from source: inout ByteSource) throws(SavefileError) -> Int {
    var span = unsafe MutableRawSpan(_unsafeStart: input, byteCount: Self.inputCapacity)
    inputEnd = try source.read(into: &span)
    inputStart = 0
    return inputEnd
  }
}
