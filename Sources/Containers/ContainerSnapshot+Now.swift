import Foundation

extension ContainerSnapshot {
  /// What runs now; nil if no engine answers in time, for whatever reason: no caller depends on one.
  ///
  /// - Parameter environment: DOCKER_HOST is read from it.
  package static func now(environment: [String: String], within limit: Duration) -> ContainerSnapshot? {
    guard let address = try? EngineAddress(environment: environment) else { return nil }
    return (try? Engine(address: address).state(by: .now + limit))?.0
  }
}
