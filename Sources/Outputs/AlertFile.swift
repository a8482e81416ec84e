import CGNU
import Glibc
import Text

/// A file of alerts, one JSON object a line (NDJSON), to which several programs may append at once: each line is
/// one write(2) to a descriptor opened with O_APPEND.
///
/// `unsafe` because system calls take addresses. Sound: what they get outlives the calls and has the stated length.
package struct AlertFile: ~Copyable, AlertOutlet {
  package let name: String
  private var file: OwnedDescriptor
  /// The directory in which the file is opened anew, and its name there. The number is -1 if that cannot be done.
  private let directory: OwnedDescriptor
  private let nameInDirectory: String
  /// Whether the file may end inside a line, for a file that cannot be read: it was not empty when it was opened, or the
  /// last write was cut short.
  private var endsInsideLine: Bool

  /// A file that is open, and the directory in which it is opened anew: kept open, too, because the way to it may be
  /// closed to the user that the program becomes.
  package struct Opened: Sendable {
    let number: Int32
    let directory: Int32

    /// - Parameter directory: -1 if the file cannot be opened anew.
    package init(number: Int32, directory: Int32 = -1) {
      self.number = number
      self.directory = directory
    }
  }

  /// Why a file of alerts cannot be opened; `code` is errno.
  package struct Problem: Error {
    package let code: Int32
    package let reason: String
  }

  /// Opens the file for appending, or creates it, readable by its owner only. If the program may read it, the
  /// descriptor can, too: what others write to it can then still be checked after privileges were dropped.
  ///
  /// Never waits. A FIFO without a reader is an error, since its alerts would arrive nowhere.
  package static func open(_ path: String) throws(Problem) -> Opened {
    let number = try open(path, at: AT_FDCWD)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    return Opened(number: number, directory: unsafe Glibc.open(folder, Int32(open_as_path) | O_DIRECTORY | O_CLOEXEC))
  }

  private static func open(_ path: String, at directory: Int32) throws(Problem) -> Int32 {
    let flags = O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    let number = unsafe openat(directory, path, O_WRONLY | O_CREAT | flags, 0o600)
    guard number >= 0 else {
      let code = errno
      let isUnread = code == ENXIO
      throw Problem(
        code: code, reason: isUnread ? "nobody reads it; start its reader first" : SystemError.message(code))
    }
    // From here on writing may wait: the outlet's own thread does it.
    if let readable = readable(path, at: directory, like: number, flags) {
      close(number)
      _ = fcntl(readable, F_SETFL, O_APPEND)
      return readable
    }
    _ = fcntl(number, F_SETFL, O_APPEND)
    return number
  }

  /// The same file opened for reading as well; nil if it is not a regular file or may not be read.
  private static func readable(_ path: String, at directory: Int32, like number: Int32, _ flags: Int32) -> Int32? {
    var (status, other) = (stat(), stat())
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let readable = unsafe openat(directory, path, O_RDWR | flags)
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
      self.init(try Self.open(path), path: path)
    } catch {
      throw DeliveryFailure("\(Self.name(path)): \(error.reason)")
    }
  }

  /// Takes over what was opened, for example before privileges were dropped.
  ///
  /// - Parameter path: the file's name in diagnostics; its last part is the name in its directory.
  package init(_ opened: Opened, path: String) {
    name = Self.name(path)
    file = OwnedDescriptor(opened.number)
    directory = OwnedDescriptor(opened.directory)
    nameInDirectory = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
    // A file that cannot be read may end anywhere: an empty line is better than an alert that nobody can read.
    endsInsideLine = Self.length(opened.number) > 0
  }

  package var reopens: Bool { directory.number >= 0 }

  /// Opens the file of this name anew, with the rights that the program has now.
  package mutating func reopen() throws(DeliveryFailure) {
    do throws(Problem) {
      file = OwnedDescriptor(try Self.open(nameInDirectory, at: directory.number))
    } catch {
      throw DeliveryFailure(error.reason)
    }
    endsInsideLine = Self.length(file.number) > 0
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
