import CZlib

/// Decompresses gzip (RFC 1952): one or more members in a row, and zero padding after the last.
///
/// Owns zlib's state and an input buffer; `unsafe` because zlib takes addresses. Sound: both live as long as
/// this value, and zlib uses their lengths and the output span's only during one call.
@safe
struct GzipInflater: ~Copyable {
  private static var inputCapacity: Int { 128 << 10 }

  private let state: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawPointer
  private var isBetweenMembers = false
  private var sawPadding = false

  init() throws(SavefileError) {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: z_stream())
    unsafe input = .allocate(byteCount: Self.inputCapacity, alignment: 16)
    // The largest window plus 16 means gzip only: neither zlib's own format nor raw deflate.
    let result = unsafe inflateInit2_(state, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { throw SavefileError(.corruptCompression(.gzip, reason: "zlib cannot start")) }
  }

  deinit {
    unsafe inflateEnd(state)
    unsafe state.deallocate()
    unsafe input.deallocate()
  }

  /// Reads the next decompressed bytes. Damage is reported only after all bytes before it were delivered.
  mutating func read(into span: inout MutableRawSpan, from source: inout ByteSource) throws(SavefileError) -> Int {
    while true {
      if unsafe state.pointee.avail_in == 0, try refill(from: &source) == 0 {
        if isBetweenMembers || source.wasStoppedEarly { return 0 }
        throw SavefileError(.cutCompression(.gzip), at: source.bytesRead)
      }
      if isBetweenMembers {
        skipPadding()
        if unsafe state.pointee.avail_in == 0 { continue }
        guard !sawPadding else { throw corrupt("something else follows its end", source.bytesRead) }
        unsafe inflateReset(state)
        isBetweenMembers = false
      }
      let (result, produced) = inflate(into: &span)
      switch result {
      case Z_STREAM_END: isBetweenMembers = true
      case Z_OK, Z_BUF_ERROR: break
      // zlib stays in its error state, so the next call throws where this one still delivers.
      default: if produced == 0 { throw corrupt(message, source.bytesRead) }
      }
      if produced > 0 { return produced }
    }
  }

  private mutating func inflate(into span: inout MutableRawSpan) -> (result: Int32, produced: Int) {
    let state = unsafe state
    return unsafe span.withUnsafeMutableBytes { output in
      let room = UInt32(clamping: output.count)
      unsafe state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.avail_out = room
      let result = unsafe CZlib.inflate(state, Z_NO_FLUSH)
      return (result, Int(room - (unsafe state.pointee.avail_out)))
    }
  }

  private mutating func refill(from source: inout ByteSource) throws(SavefileError) -> Int {
    var span = unsafe MutableRawSpan(_unsafeStart: input, byteCount: Self.inputCapacity)
    let count = try source.read(into: &span)
    unsafe state.pointee.next_in = input.assumingMemoryBound(to: UInt8.self)
    unsafe state.pointee.avail_in = UInt32(count)
    return count
  }

  private mutating func skipPadding() {
    while unsafe state.pointee.avail_in > 0, unsafe state.pointee.next_in.pointee == 0 {
      unsafe state.pointee.next_in += 1
      unsafe state.pointee.avail_in -= 1
      sawPadding = true
    }
  }

  private var message: String {
    if let text = unsafe state.pointee.msg { unsafe String(cString: text) } else { "zlib finds it invalid" }
  }

  private func corrupt(_ reason: String, _ position: UInt64) -> SavefileError {
    SavefileError(.corruptCompression(.gzip, reason: reason), at: position)
  }
}
