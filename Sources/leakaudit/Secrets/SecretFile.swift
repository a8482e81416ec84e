import Glibc
import Text

/// A secret in the first line of a file, read while the program may still read it. No message shows what it holds.
enum SecretFile {
  /// Longer files are not what was meant.
  private static var lengthLimit: Int { 64 << 10 }
  /// How long a pipe, as of `<(pass show ntfy)`, may take for each piece, in milliseconds.
  private static var timeout: Int32 { 10_000 }

  /// The first line without spaces around it.
  ///
  /// - Parameter option: the option that names the file, for messages.
  static func firstLine(_ path: String, option: String) throws -> String {
    let subject = "\(option) '\(Formatting.safe(path))'"
    let number = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard number >= 0 else {
      throw Failure(
        status: errno == ENOENT || errno == ENOTDIR ? .noInput : .noPermission,
        message: "\(subject): \(SystemError.message(errno))")
    }
    defer { close(number) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      var request = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&request, 1, timeout) > 0 else {
        throw Failure(status: .noInput, message: "\(subject): nothing comes out of it")
      }
      let count = unsafe read(number, &chunk, chunk.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else {
        throw Failure(status: .noInput, message: "\(subject): \(SystemError.message(errno))")
      }
      if count == 0 { break }
      bytes += chunk[..<count]
      guard bytes.count <= lengthLimit else {
        throw Failure(status: .usage, message: "\(subject): it is longer than \(lengthLimit >> 10) KiB")
      }
    }
    var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    while let last = line.last, last <= 0x20 { line.removeLast() }
    while let first = line.first, first <= 0x20 { line.removeFirst() }
    guard !line.isEmpty else { throw Failure(status: .usage, message: "\(subject): its first line is empty") }
    return String(decoding: line, as: UTF8.self)
  }
}
