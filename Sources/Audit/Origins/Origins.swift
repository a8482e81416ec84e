import Policy

/// Whose packet it was.
struct Origins: ~Copyable {
  /// Which packet on the NIC is one of the bridge's.
  var join: FlowJoin
  /// Who is on the NIC's own network.
  var tenants: LinkTenants
  var directory = OriginDirectory()

  init(_ policy: TunnelPolicy, seed: UInt64) {
    join = FlowJoin(seed: seed)
    tenants = LinkTenants(policy)
  }
}
