import Glibc
import Text

/// The reading end of a pipe, which never makes its reader wait.
///
/// `unsafe` for pipe(2), poll(2) and read(2). Sound: what they fill outlives the calls and comes with its length.
struct PipeReader: ~Copyable {
  let number: Int32
  /// The end for a child.
  private(set) var otherEnd: Int32
  private var bytes: [UInt8] = []
  private(set) var isOpen = true
  private let kept: Int

  /// - Parameter kept: how many bytes it keeps of what nobody has asked for: the last ones.
  init(keeping kept: Int = 1 << 20) throws(DrillProblem) {
    self.kept = kept
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw DrillProblem(.failed, "no pipe can be made: \(SystemError.message(errno))")
    }
    (number, otherEnd) = (ends[0], ends[1])
    _ = fcntl(number, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(number)
    if otherEnd >= 0 { close(otherEnd) }
  }

  /// Once a child has it: as long as it is open here, the pipe has no end.
  mutating func closeOtherEnd() {
    if otherEnd >= 0 { close(otherEnd) }
    otherEnd = -1
  }

  /// Takes what is there.
  mutating func read() {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while isOpen {
      let count = unsafe Glibc.read(number, &buffer, buffer.count)
      if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { isOpen = false }
      guard count > 0 else { return }
      bytes += buffer[..<count]
      if bytes.count > 2 * kept { bytes.removeFirst(bytes.count - kept) }
    }
  }

  /// All that is kept.
  var text: String { String(decoding: bytes.suffix(kept), as: UTF8.self) }

  /// The next whole line that was read, without its end; nil if there is none yet.
  mutating func line() -> String? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = String(decoding: bytes[..<end], as: UTF8.self)
    bytes.removeFirst(end + 1)
    return line
  }

  /// Returns when one of them has something, or has ended, or the time is up.
  static func wait(for numbers: [Int32], within limit: Duration) {
    var wanted = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    _ = unsafe poll(&wanted, nfds_t(wanted.count), Int32(max(0, limit / .milliseconds(1))))
    // A pipe that has ended is always ready: without a pause, waiting for its process would keep a core busy.
    if wanted.allSatisfy({ $0.revents & Int16(POLLIN) == 0 }) { usleep(1000) }
  }
}
