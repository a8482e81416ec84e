import Glibc
import Report

/// A file of alerts, one JSON object a line (NDJSON), to which several programs may append at once: each line is
/// one write(2) to a descriptor opened with O_APPEND.
package struct AlertFile: ~Copyable, AlertOutlet {
  package let name: String
  private let file: OwnedDescriptor
  /// The file ends in a part of a line: a write was cut short, as on a full disk.
  private var endsInsideLine: Bool

  /// Opens the file for appending, or makes it, readable by its owner only.
  package init(path: String) throws(DeliveryFailure) {
    // Opening must not wait for a FIFO's reader; writing may, on the outlet's own thread.
    let number = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
    guard number >= 0 else { throw Self.failure(path, errno) }
    let file = OwnedDescriptor(number)
    guard fcntl(number, F_SETFL, O_APPEND) == 0 else { throw Self.failure(path, errno) }
    name = Self.name(path)
    endsInsideLine = Self.endsInsideLine(path)
    self.file = file
  }

  /// Takes over a descriptor that was opened with O_APPEND, for example before privileges were dropped.
  ///
  /// - Parameter path: where the file is, for diagnostics.
  package init(descriptor: Int32, path: String) {
    name = Self.name(path)
    endsInsideLine = Self.endsInsideLine(path)
    file = OwnedDescriptor(descriptor)
  }

  /// A part of a line that a cut write left cannot be taken back, as another program may have appended since;
  /// so the next line starts with a line feed, and readers lose no more than the alert that was counted as lost.
  package mutating func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
    let line = Array(((endsInsideLine ? "\n" : "") + alert.json + "\n").utf8)
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

  /// Whether an earlier run left a part of a line. Unknown where the file cannot be read; then it is not.
  private static func endsInsideLine(_ path: String) -> Bool {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard number >= 0 else { return false }
    let file = OwnedDescriptor(number)
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
      return false
    }
    var last: UInt8 = 0
    return unsafe pread(file.number, &last, 1, status.st_size - 1) == 1 && last != UInt8(ascii: "\n")
  }

  private static func name(_ path: String) -> String { "alert file \(Formatting.safe(path))" }

  private static func failure(_ path: String, _ code: Int32) -> DeliveryFailure {
    DeliveryFailure("\(name(path)): \(SystemError.message(code))")
  }
}
