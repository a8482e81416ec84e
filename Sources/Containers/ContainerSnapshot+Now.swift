import Foundation

extension ContainerSnapshot {
  /// What runs now; nil where no engine answers within the time, for whatever reason: nothing needs one.
  ///
  /// - Parameter environment: of which DOCKER_HOST is read.
  package static func now(environment: [String: String], within limit: Duration) -> ContainerSnapshot? {
    guard let address = try? EngineAddress(environment: environment) else { return nil }
    return (try? Engine(address: address).state(by: .now + limit))?.0
  }
}
