/// Big-endian loads, copies, and the view of a copy: the only place in this module that uses `unsafe`.
///
/// Each load is bounds-checked and accepts any alignment; any bit pattern is a valid integer. The copy checks both
/// sides, which cannot overlap while one of them is exclusive. An out-of-range offset is a programming error and traps.
extension RawSpan {
  public func uint8(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  public func uint16(at offset: Int) -> UInt16 {
    UInt16(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  public func uint32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  public func uint64(at offset: Int) -> UInt64 {
    UInt64(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// Copies all bytes, without allocating. Copying with loads of one word each takes 14 ns longer for 128 bytes.
  public func copy(to target: inout MutableSpan<UInt8>, at offset: Int) {
    precondition(offset >= 0 && offset <= target.count && byteCount <= target.count &- offset)
    unsafe withUnsafeBytes { source in
      unsafe target.withUnsafeMutableBytes { target in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
      }
    }
  }

  /// A copy of the bytes as an array.
  public var copied: [UInt8] {
    unsafe withUnsafeBytes { unsafe Array($0) }
  }

  func ipv4Address(at offset: Int) -> IPAddress { IPAddress(v4: uint32(at: offset)) }

  func ipv6Address(at offset: Int) -> IPAddress {
    IPAddress(v6High: uint64(at: offset), low: uint64(at: offset + 8))
  }
}

extension [UInt8] {
  /// The array's bytes as a span for parsers. Sound: the array outlives the borrow.
  public var view: RawSpan {
    @_lifetime(borrow self) get { unsafe self.span.bytes }
  }
}
