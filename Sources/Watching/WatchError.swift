/// Why a watch cannot begin.
package struct WatchError: Error, Hashable {
  package enum Kind: Sendable {
    /// It was called wrongly.
    case usage
    /// There is nothing to watch.
    case noInput
    /// The system does not permit it, or has no room for it.
    case noPermission
  }

  package let kind: Kind
  /// One line for the user.
  package let message: String

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

extension WatchError: CustomStringConvertible {
  package var description: String { message }
}
