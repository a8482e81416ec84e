import CLinux
import Glibc

/// One thread rings it to wake another, which waits for its descriptor among others (eventfd(2)).
///
/// `unsafe` for read(2) and write(2). Sound: the variables outlive the calls and have the stated size.
package final class Bell: Sendable {
  package let number: Int32

  /// Nil if the system has no descriptors left.
  package init?() {
    number = linux_open_bell()
    guard number >= 0 else { return nil }
  }

  deinit { close(number) }

  /// Never waits. Several rings before the other thread looks count as one.
  package func ring() {
    var one: UInt64 = 1
    _ = unsafe write(number, &one, MemoryLayout<UInt64>.size)
  }

  package func quieten() {
    var count: UInt64 = 0
    _ = unsafe read(number, &count, MemoryLayout<UInt64>.size)
  }
}
