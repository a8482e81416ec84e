package import TextFiles
package import Wire

package struct ComposeNetwork: Sendable {
  /// The name that services use for it.
  package internal(set) var key: String
  /// Docker's name for it: `name:`, or the project's name, `_` and the key.
  package internal(set) var name: String
  /// Nil for a `default` that no file states.
  package internal(set) var place: SourcePlace?
  package internal(set) var isExternal = false
  package internal(set) var isInternal = false
  package internal(set) var enablesIPv6 = false
  package internal(set) var driver: String?
  package internal(set) var subnets: [Located<IPPrefix>] = []
  /// `com.docker.network.bridge.name` of `driver_opts`.
  package internal(set) var bridge: Located<String>?
}
