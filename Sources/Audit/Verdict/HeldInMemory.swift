import Synchronization

/// Has the value that holds it lie in memory, and be passed by its address.
///
/// Nothing reads it; the atomic is what has a fixed address. Of a noncopyable value that may lie in registers the compiler
/// checks each field at each use in each block: that was 75 of the 126 seconds that this module took, for a dozen functions
/// that read an `Auditor`.
struct HeldInMemory: ~Copyable, Sendable { private let address = Atomic<Bool>(false) }
