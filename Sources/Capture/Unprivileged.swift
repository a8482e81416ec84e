/// The process after it has given up its privileges for good: from here on it may have other threads, and read traffic.
///
/// Only `Privileged.drop` makes it, and tests, whose process keeps its privileges.
public struct Unprivileged: ~Copyable, Sendable {}
