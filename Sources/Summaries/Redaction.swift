package import Audit
package import Wire

/// Replaces values that show whom they belong to.
package protocol Redaction {
  func address(_ address: IPAddress) -> IPAddress
  func prefix(_ prefix: IPPrefix) -> IPPrefix
  func station(_ address: MACAddress) -> MACAddress
  /// A DNS name.
  func name(_ name: String) -> String
  func detail(_ detail: LeakDetail) -> LeakDetail
  /// A sentence that may hold any of them.
  func scrub(_ text: String) -> String
  /// The name of an interface, a container, a rule or a file.
  func word(_ text: String) -> String
}

extension Redaction {
  package func endpoint(_ endpoint: Endpoint) -> Endpoint {
    Endpoint(address: address(endpoint.address), port: endpoint.port)
  }
}
