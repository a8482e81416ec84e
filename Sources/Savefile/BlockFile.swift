#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A new file that grows by whole blocks, so that its content is always a valid beginning of a file.
///
///     0                            length
///     +-------+-------+-----+-------+ - - - - +
///     | block | block | ... | block | a part of one only while it is written, or after a crash
///     +-------+-------+-----+-------+ - - - - +
///
/// The path is used only to create the file. Then only the descriptor is used, so that privileges can be dropped.
///
/// Makes system calls, hence `unsafe`: each passes the address and length of an array that outlives the call, or a
/// string that the call only reads.
package struct BlockFile: ~Copyable {
  /// The path at which the file was created.
  package let path: String
  private let number: Int32
  /// The length of all whole blocks, in bytes.
  package private(set) var length = 0
  /// Whether a part of a block may follow the last whole one, because it could not be cut off.
  private var hasRemnant = false

  /// Creates a file that only its owner may read and write. It must not exist, not even as a symbolic link. Otherwise
  /// anybody who may write to the directory could choose which file is overwritten.
  package init(creating path: String) throws(WriteError) {
    self.path = path
    // A write beyond the process's file size limit (RLIMIT_FSIZE) must fail, not end the process.
    signal(SIGXFSZ, SIG_IGN)
    number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw WriteError(code: errno) }
  }

  deinit { close(number) }

  /// Appends the whole block, or nothing of it. This is one pwrite(2) at the end of the whole blocks, unless the system
  /// takes only a part. Then another pwrite(2) tries the rest, and its error says why. On an error, the part is cut off.
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

  /// Waits until everything is on the disk. Some systems report only here that the disk was full.
  package func synchronize() throws(WriteError) {
    guard fsync(number) == 0 else { throw WriteError(code: errno) }
  }

  /// Removes the file's name, if possible.
  package func removeFromDirectory() { unsafe unlink(path) }
}
