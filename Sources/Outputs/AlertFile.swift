import Glibc
import Text

/// A file of alerts, one JSON object a line (NDJSON), to which several programs may append at once: each line is
/// one write(2) to a descriptor opened with O_APPEND.
///
/// `unsafe` because system calls take addresses. Sound: what they get outlives the calls and has the stated length.
package struct AlertFile: ~Copyable, AlertOutlet {
  package let name: String
  private let file: OwnedDescriptor
  /// Whether the file may end inside a line, for a file that cannot be read: it was not empty when it was opened, or
  /// the last write was cut short.
  private var endsInsideLine: Bool

  /// Why a file of alerts cannot be opened; `code` is errno.
  package struct Problem: Error {
    package let code: Int32
    package let reason: String
  }

  /// Opens the file for appending, or creates it, readable by its owner only. If the program may read it, the
  /// descriptor can, too: what others write to it can then still be checked after privileges were dropped.
  ///
  /// Never waits. A FIFO without a reader is an error, since its alerts would arrive nowhere.
  package static func open(_ path: String) throws(Problem) -> Int32 {
    let flags = O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    let number = unsafe Glibc.open(path, O_WRONLY | O_CREAT | flags, 0o600)
    guard number >= 0 else {
      let code = errno
      let isUnread = code == ENXIO
      throw Problem(
        code: code, reason: isUnread ? "nobody reads it; start its reader first" : SystemError.message(code))
    }
    // From here on writing may wait: the outlet's own thread does it.
    if let readable = readable(path, like: number, flags) {
      close(number)
      _ = fcntl(readable, F_SETFL, O_APPEND)
      return readable
    }
    _ = fcntl(number, F_SETFL, O_APPEND)
    return number
  }

  /// The same file opened for reading as well; nil if it is not a regular file or may not be read.
  private static func readable(_ path: String, like number: Int32, _ flags: Int32) -> Int32? {
    var (status, other) = (stat(), stat())
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let readable = unsafe Glibc.open(path, O_RDWR | flags)
    guard readable >= 0 else { return nil }
    guard unsafe fstat(readable, &other) == 0, other.st_dev == status.st_dev, other.st_ino == status.st_ino else {
      close(readable)
      return nil
    }
    return readable
  }

  /// Opens the file as `open` does.
  package init(path: String) throws(DeliveryFailure) {
    do throws(Problem) {
      self.init(descriptor: try Self.open(path), path: path)
    } catch {
      throw DeliveryFailure("\(Self.name(path)): \(error.reason)")
    }
  }

  /// Takes over a descriptor that was opened with O_APPEND, for example before privileges were dropped.
  ///
  /// - Parameter path: the file's name in diagnostics.
  package init(descriptor: Int32, path: String) {
    name = Self.name(path)
    file = OwnedDescriptor(descriptor)
    // A file that cannot be read may end anywhere: an empty line is better than an alert that nobody can read.
    endsInsideLine = Self.length(descriptor) > 0
  }

  /// If a write was cut, the partial line cannot be removed, as another program may have appended since. So the next
  /// line starts with a line feed, and readers lose only the alert that was counted as lost.
  package mutating func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
    let isInsideLine = seesEndInsideLine() ?? endsInsideLine
    let line = Array(((isInsideLine ? "\n" : "") + alert.json + "\n").utf8)
    var written: Int
    repeat {
      written = unsafe line.withUnsafeBytes { unsafe write(file.number, $0.baseAddress, $0.count) }
    } while written < 0 && errno == EINTR
    guard written >= 0 else { throw DeliveryFailure(SystemError.message(errno)) }
    if written > 0 { endsInsideLine = line[written - 1] != UInt8(ascii: "\n") }
    guard written == line.count else {
      throw DeliveryFailure("only \(written) of \(line.count) bytes could be written; is the disk full?")
    }
  }

  /// Whether the file ends inside a line; nil if it cannot be read. Another program may be in the middle of a write,
  /// which soon continues.
  private func seesEndInsideLine() -> Bool? {
    for _ in 0..<10 {
      let length = Self.length(file.number)
      guard let last = lastByte() else { return nil }
      if last == UInt8(ascii: "\n") { return false }
      ShellProcess.pause(.milliseconds(5))
      if Self.length(file.number) == length { return true }
    }
    return true
  }

  /// The file's last byte now, whoever wrote it; a line feed if the file is empty. Nil if it cannot be read.
  private func lastByte() -> UInt8? {
    guard fcntl(file.number, F_GETFL) & O_ACCMODE == O_RDWR else { return nil }
    let length = Self.length(file.number)
    var last = UInt8(ascii: "\n")
    if length == 0 { return last }
    return unsafe pread(file.number, &last, 1, length - 1) == 1 ? last : nil
  }

  /// The length of a regular file in bytes; 0 for any other.
  private static func length(_ number: Int32) -> off_t {
    var status = stat()
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
    return status.st_size
  }

  private static func name(_ path: String) -> String { "alert file \(Formatting.safe(path))" }
}
