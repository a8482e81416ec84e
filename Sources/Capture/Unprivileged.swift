import CLinux
import Glibc
import Text

/// The process after it has given up its privileges for good: from here on it may have other threads, and read traffic.
///
/// Only `Privileged.drop` makes it, and tests, whose process keeps its privileges.
public struct Unprivileged: ~Copyable, Sendable {}

/// Why the process has not become an unprivileged one. It must end then.
public enum PrivilegeError: Error, Hashable, Sendable {
  /// The user that was named cannot be taken.
  case user(String)
  /// The kernel did not take the privileges away.
  case kept(String)
}
