import Glibc

/// A descriptor with one owner. It is closed when the owner goes.
struct OwnedDescriptor: ~Copyable, Sendable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }
}
