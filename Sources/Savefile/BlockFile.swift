#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A new file that grows by whole blocks: what is in it is always a valid beginning.
///
///     0                            length
///     +-------+-------+-----+-------+ - - - - +
///     | block | block | ... | block | a part of one only while it is written, or after a crash
///     +-------+-------+-----+-------+ - - - - +
///
/// Its path is used once, to create it; from then on only its descriptor, so that privileges can be dropped.
///
/// System calls, hence `unsafe`: each passes the address and length of an array that outlives the call, or a string
/// that the call only reads.
package struct BlockFile: ~Copyable {
  /// Where it was created.
  package let path: String
  private let number: Int32
  /// Bytes of whole blocks.
  package private(set) var length = 0
  /// Whether a part of a block may lie behind the last whole one, because it could not be cut off.
  private var hasRemnant = false

  /// Creates a file that only its owner may read and write. It must not exist, not even as a symbolic link, so that
  /// nobody who may write to the directory can choose what is written over.
  package init(creating path: String) throws(WriteError) {
    self.path = path
    // Beyond the process's file size limit (RLIMIT_FSIZE) a write is to fail, not to end the process.
    signal(SIGXFSZ, SIG_IGN)
    number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw WriteError(code: errno) }
  }

  deinit { close(number) }

  /// Appends a block, or nothing of it. One write(2) but where the system takes only a part: the rest is then tried,
  /// which says why.
  package mutating func append(_ block: [UInt8]) throws(WriteError) {
    if hasRemnant { try cutRemnant() }
    var written = 0
    while written < block.count {
      let count = write(block, from: written)
      if count > 0 {
        written += count
      } else if count == 0 || errno != EINTR {
        let error = WriteError(code: count == 0 ? EIO : errno)
        try? cutRemnant()
        throw error
      }
    }
    length += written
  }

  private func write(_ block: [UInt8], from start: Int) -> Int {
    unsafe block.withUnsafeBytes { bytes in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
      return unsafe pwrite(number, rest.baseAddress, rest.count, off_t(length + start))
    }
  }

  private mutating func cutRemnant() throws(WriteError) {
    hasRemnant = ftruncate(number, off_t(length)) != 0
    if hasRemnant { throw WriteError(code: errno) }
  }

  /// Waits until all is on the disk. Some systems say only here that there was no room.
  package func synchronize() throws(WriteError) {
    guard fsync(number) == 0 else { throw WriteError(code: errno) }
  }

  /// Takes its name away, as far as possible.
  package func removeFromDirectory() { unsafe unlink(path) }
}

/// Why a file could not be created or written: an errno.
package struct WriteError: Error, Hashable, Sendable, CustomStringConvertible {
  package let code: Int32

  /// The system's words.
  package var description: String { FileDescriptor.message(code) }

  package var isTaken: Bool { code == EEXIST }
  package var isMissing: Bool { FileDescriptor.isMissing(code) }
  package var isPermission: Bool { FileDescriptor.isPermission(code) }
}
