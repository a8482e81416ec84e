#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The error number (errno) that says why a file could not be created or written.
package struct WriteError: Error, Hashable, Sendable, CustomStringConvertible {
  package let code: Int32

  /// The system's message.
  package var description: String { FileDescriptor.message(code) }

  package var isTaken: Bool { code == EEXIST }
  package var isMissing: Bool { FileDescriptor.isMissing(code) }
  package var isPermission: Bool { FileDescriptor.isPermission(code) }
}
