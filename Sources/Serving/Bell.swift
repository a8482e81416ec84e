import CLinux
import Glibc

/// What one thread rings to wake another, which waits for its descriptor among others (eventfd(2)).
package final class Bell: Sendable {
  package let number: Int32

  /// Nil where the system has no descriptor left.
  package init?() {
    number = linux_open_bell()
    guard number >= 0 else { return nil }
  }

  deinit { close(number) }

  /// Never waits, and several rings before the other looks are one.
  package func ring() {
    var one: UInt64 = 1
    _ = unsafe write(number, &one, MemoryLayout<UInt64>.size)
  }

  package func quieten() {
    var count: UInt64 = 0
    _ = unsafe read(number, &count, MemoryLayout<UInt64>.size)
  }
}
