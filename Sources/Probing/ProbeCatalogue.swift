package import Wire

/// All probes, with the addresses that this drill gives to the resolvers.
package struct ProbeCatalogue: Sendable {
  /// In the order of their numbers.
  package static let probes: [Probe] =
    Probe.lookups + Probe.streams + Probe.datagrams + Probe.overIPv6 + Probe.privileged + Probe.local

  package let containerResolver: IPAddress?
  package let tunnelResolver: IPAddress?
  package let lanResolver: IPAddress?
  package let endpoint: IPAddress?

  /// - Parameters: the resolvers, and the host of the tunnel's other end; nil where there is none, and its probes are then
  ///   unavailable.
  package init(
    containerResolver: IPAddress?, tunnelResolver: IPAddress?, lanResolver: IPAddress?, endpoint: IPAddress? = nil
  ) {
    self.endpoint = endpoint
    self.containerResolver = containerResolver
    self.tunnelResolver = tunnelResolver
    self.lanResolver = lanResolver
  }

  /// Nil if this drill has no such host.
  package func destination(of probe: Probe) -> Endpoint? {
    let address: IPAddress? =
      switch probe.target {
      case .address(let address): address
      case .containerResolver: containerResolver
      case .tunnelResolver: tunnelResolver
      case .lanResolver: lanResolver
      case .endpoint: endpoint
      }
    return address.map { Endpoint(address: $0, port: probe.port) }
  }

  /// The probe that a packet belongs to. Nil if there is none: the packet is then an application's own.
  ///
  /// Several lookups may have the same resolver: the one that says most about it is returned then. And Docker's resolver asks others. Where the packet is a lookup, the name
  /// in it (`nonce(inName:)`, then `probe(number:)`) says more than this does.
  ///
  /// - Parameter port: the destination's; ignored where the transport has none.
  package func probe(forDestination address: IPAddress, transport: IPProtocol, port: UInt16) -> Probe? {
    let found = Self.probes.filter { probe in
      guard probe.transport == transport, let destination = destination(of: probe) else { return false }
      return destination.address == address && (probe.port == 0 || probe.port == port)
    }
    return found.min { $0.target.rank < $1.target.rank }
  }

  package static func probe(number: Int) -> Probe? { probes.first { $0.number == number } }

  package static func probe(id: String) -> Probe? { probes.first { $0.id == id } }

  /// What a DNS name says of the attempt that asked for it. Nil if it is not a drill's.
  package static func nonce(inName name: String) -> ProbeName? { ProbeName(name) }

  /// The ports on which the drill's internet must answer. What is sent to a group has no answer.
  package static func ports(_ transport: IPProtocol) -> [UInt16] {
    Set(probes.filter { $0.transport == transport && (!$0.isLocal || transport == .tcp) }.map(\.port)).sorted()
  }
}

extension Probe.Target {
  /// Those that say most about the destination come first: the container's resolver may be any of the others.
  fileprivate var rank: Int {
    switch self {
    case .address, .endpoint: 0
    case .tunnelResolver, .lanResolver: 1
    case .containerResolver: 2
    }
  }
}
