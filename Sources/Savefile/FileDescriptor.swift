#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open file, pipe or device. It is closed when the value's lifetime ends.
///
/// Makes the module's system calls, hence `unsafe`: each passes the address and length of a span that
/// outlives the call, or a string that the call only reads.
struct FileDescriptor: ~Copyable {
  enum ReadResult {
    case bytes(Int)
    case interrupted
    case failed(code: Int32)
  }

  private let number: Int32
  private let isOwned: Bool
  /// Whether this is a regular file: it has a size, and reading it never waits for a writer.
  let isRegular: Bool
  let size: UInt64?
  var isAbsent: Bool { number < 0 }

  /// No file at all, for a source in memory.
  init() {
    number = -1
    isOwned = false
    isRegular = true
    size = nil
  }

  /// Opens a file for reading. A FIFO is opened without waiting for its writer; `wait` does the waiting,
  /// because it can be stopped.
  init(path: String) throws(SavefileError) {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw SavefileError(.cannotOpen(code: errno)) }
    do throws(SavefileError) {
      try self.init(adopting: number, isOwned: true)
    } catch {
      close(number)
      throw error
    }
  }

  static func standardInput() throws(SavefileError) -> FileDescriptor {
    try FileDescriptor(adopting: STDIN_FILENO, isOwned: false)
  }

  private init(adopting number: Int32, isOwned: Bool) throws(SavefileError) {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw SavefileError(.cannotOpen(code: errno)) }
    let type = status.st_mode & S_IFMT
    guard type != S_IFDIR else { throw SavefileError(.noCapture(.directory)) }
    self.number = number
    self.isOwned = isOwned
    isRegular = type == S_IFREG
    size = type == S_IFREG ? UInt64(max(0, status.st_size)) : nil
  }

  deinit {
    if isOwned { close(number) }
  }

  /// Makes one read(2). If the descriptor has nothing yet (EAGAIN), the result is `interrupted`.
  func read(into span: inout MutableRawSpan) -> ReadResult {
    let number = number
    let count = unsafe span.withUnsafeMutableBytes { buffer in
      #if canImport(Glibc)
      unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
      unsafe Musl.read(number, buffer.baseAddress, buffer.count)
      #else
      unsafe Darwin.read(number, buffer.baseAddress, buffer.count)
      #endif
    }
    if count >= 0 { return .bytes(count) }
    let code = errno
    return code == EINTR || code == EAGAIN ? .interrupted : .failed(code: code)
  }

  /// Waits until a read would not block. Returns false when the time is up, or on a signal.
  func wait(milliseconds: Int32) -> Bool {
    var request = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&request, 1, milliseconds) > 0
  }

  /// Waits without checking any file.
  static func sleep(milliseconds: Int32) {
    _ = poll(nil, 0, milliseconds)
  }

  /// The system's message for an error number.
  static func message(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
  }

  static func isMissing(_ code: Int32) -> Bool { code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG }
  static func isPermission(_ code: Int32) -> Bool { code == EACCES || code == EPERM }
}

extension MutableRawSpan {
  /// Copies bytes from `offset` on, at most `limit` and as many as fit. Returns how many were copied.
  mutating func copy(_ bytes: [UInt8], from offset: Int, limit: Int) -> Int {
    let count = Swift.min(bytes.count - offset, limit, byteCount)
    unsafe withUnsafeMutableBytes { target in
      unsafe bytes.withUnsafeBytes { source in
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
      }
    }
    return count
  }
}
