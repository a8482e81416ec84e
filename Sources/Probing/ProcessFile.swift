import Glibc

/// Files of the kernel's that state or set something of this process's namespaces (proc(5)).
///
/// `unsafe` for open(2), read(2) and write(2). Sound: the arrays outlive the calls and have the stated lengths.
enum ProcessFile {
  /// Enough for the neighbours of any container.
  private static let limit = 1 << 16

  /// The beginning of a file; empty if it cannot be read.
  static func read(_ path: String) -> String {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return "" }
    defer { close(number) }
    var bytes = [UInt8](repeating: 0, count: limit)
    var length = 0
    while length < limit {
      let count = unsafe bytes.withUnsafeMutableBytes {
        unsafe Glibc.read(number, $0.baseAddress! + length, limit - length)
      }
      guard count > 0 else { break }
      length += count
    }
    return String(decoding: bytes[..<length], as: UTF8.self)
  }

  /// False if it cannot be written.
  static func write(_ text: String, to path: String) -> Bool {
    let number = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { return false }
    defer { close(number) }
    let bytes = Array(text.utf8)
    return unsafe Glibc.write(number, bytes, bytes.count) == bytes.count
  }
}
