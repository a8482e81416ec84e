/// Why the process has not become an unprivileged one. It must end then.
public enum PrivilegeError: Error, Hashable, Sendable {
  /// The user that was named cannot be taken.
  case user(String)
  /// The kernel did not take the privileges away.
  case kept(String)
}

extension PrivilegeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .user(let message), .kept(let message): message
    }
  }
}
