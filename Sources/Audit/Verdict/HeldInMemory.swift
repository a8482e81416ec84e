import Synchronization

/// Forces the value that holds it to stay in memory and to be passed by address.
///
/// Nothing reads it: an atomic needs a fixed address. If a noncopyable value may be in registers, the compiler checks
/// each field at each use in each block. For a dozen functions that read an `Auditor`, that took 75 of the 126 seconds
/// of this module's build.
struct HeldInMemory: ~Copyable, Sendable { private let address = Atomic<Bool>(false) }
