import Policy

/// What finds out whose a packet was.
struct Origins: ~Copyable {
  /// Finds the packet on the bridge that a packet on the NIC continues.
  var join: FlowJoin
  /// The gateways on the NIC's own network.
  var nicGateways: NICGateways
  var directory = OriginDirectory()

  init(_ policy: TunnelPolicy, seed: UInt64) {
    join = FlowJoin(seed: seed)
    nicGateways = NICGateways(policy)
  }
}
