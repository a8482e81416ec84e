import Foundation
public import Policy
package import Wire

extension PolicyDocument {
  /// A stated value, and where it was stated.
  package struct Statement<Value: TextCoded & Equatable & Sendable>: Codable, Equatable, Sendable {
    package var value: Value
    package var origin: String
    package var shape: TunnelEndpoint.Shape?
    /// The source of an Endpoint that nobody stated.
    package var source: TunnelEndpoint.Source?

    package init(
      _ value: Value, origin: String, shape: TunnelEndpoint.Shape? = nil, source: TunnelEndpoint.Source? = nil
    ) {
      (self.value, self.origin, self.shape, self.source) = (value, origin, shape, source)
    }

    package init(_ stated: Stated<Value>) { self.init(stated.value, origin: stated.origin) }

    private enum CodingKeys: String, CodingKey { case value, origin, shape, source }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      let text = try container.decode(String.self, forKey: .value)
      guard let value = Value(coded: text), value.coded == text else {
        throw DecodingError.dataCorruptedError(forKey: .value, in: container, debugDescription: "no \(Value.self)")
      }
      self.init(
        value, origin: try container.decode(String.self, forKey: .origin),
        shape: try container.decodeIfPresent(TunnelEndpoint.Shape.self, forKey: .shape),
        source: try container.decodeIfPresent(TunnelEndpoint.Source.self, forKey: .source))
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(value.coded, forKey: .value)
      try container.encode(origin, forKey: .origin)
      try container.encodeIfPresent(shape, forKey: .shape)
      try container.encodeIfPresent(source, forKey: .source)
    }
  }

  /// `vpn.example.org:51820`, `vpn.example.org:443/tcp`.
  package struct NamedEndpointName: TextCoded, Equatable, Sendable {
    package var name: String
    package var port: UInt16
    package var transport: TunnelEndpoint.Transport

    package init(_ endpoint: NamedEndpoint) {
      (name, port, transport) = (endpoint.name, endpoint.port, endpoint.transport)
    }

    package init?(coded text: String) {
      let isTCP = text.hasSuffix("/tcp")
      let whole = isTCP ? text.dropLast(4) : text[...]
      guard let colon = whole.lastIndex(of: ":"), let port = UInt16(whole[colon...].dropFirst()) else { return nil }
      (name, self.port, transport) = (String(whole[..<colon]), port, isTCP ? .tcp : .udp)
    }

    package var coded: String { "\(name):\(port)" + (transport == .udp ? "" : "/tcp") }
  }

  /// What is audited: a network or a station.
  package typealias AuditedSide = OrStation<IPPrefix>
  /// A container's IP address or link address.
  package typealias HostAddress = OrStation<IPAddress>
}

/// `192.168.1.10:8080 -> 80/tcp`.
extension PublishedPort: TextCoded {
  public init?(coded text: String) {
    let halves = text.components(separatedBy: " -> ")
    guard halves.count == 2, let slash = halves[1].lastIndex(of: "/") else { return nil }
    self.init(
      published: halves[0] == "any port" ? "" : halves[0], target: String(halves[1][..<slash]),
      transport: String(halves[1][slash...].dropFirst()))
  }

  public var coded: String { description }
}
