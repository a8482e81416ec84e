package import Audit
package import Wire

/// What values become where nobody is to be told whom they are of.
package protocol Redaction {
  func address(_ address: IPAddress) -> IPAddress
  func prefix(_ prefix: IPPrefix) -> IPPrefix
  func station(_ address: MACAddress) -> MACAddress
  /// A name of DNS.
  func name(_ name: String) -> String
  func detail(_ detail: LeakDetail) -> LeakDetail
  /// A sentence, which may hold any of them.
  func scrub(_ text: String) -> String
  /// What an interface, a container, a rule or a file is called.
  func word(_ text: String) -> String
}

extension Redaction {
  package func endpoint(_ endpoint: Endpoint) -> Endpoint {
    Endpoint(address: address(endpoint.address), port: endpoint.port)
  }
}
