package import Policy
package import Wire

/// `203.0.113.9:51820`, `203.0.113.9:443/tcp`.
package struct EndpointName: TextCoded, Codable, Hashable, Sendable {
  package var endpoint: Endpoint
  package var transport: TunnelEndpoint.Transport

  package init(_ endpoint: Endpoint, over transport: TunnelEndpoint.Transport) {
    (self.endpoint, self.transport) = (endpoint, transport)
  }

  package init(_ endpoint: TunnelEndpoint) { self.init(endpoint.endpoint, over: endpoint.transport) }

  package init?(coded text: String) {
    let parts = text.split(separator: "/", maxSplits: 1)
    guard let colon = parts.first?.lastIndex(of: ":"), let port = UInt16(parts[0][colon...].dropFirst()),
      let address = IPAddress(parts[0][..<colon].trimming { $0 == "[" || $0 == "]" }),
      let transport = parts.count == 1 ? .udp : TunnelEndpoint.Transport(rawValue: String(parts[1]))
    else { return nil }
    self.init(Endpoint(address: address, port: port), over: transport)
  }

  package var coded: String { TunnelEndpoint(endpoint, over: transport).name }
}

extension Substring {
  fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> Substring {
    var rest = self
    while let first = rest.first, isTrimmed(first) { rest.removeFirst() }
    while let last = rest.last, isTrimmed(last) { rest.removeLast() }
    return rest
  }
}
