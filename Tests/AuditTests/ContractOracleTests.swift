import Audit
import Policy
import TestSupport
import Testing
import Wire

@Suite struct ContractOracleTests {
  /// Fifty policies, a thousand packets each: every verdict follows the contract.
  @Test func `agrees with the contract on random conversations under random policies`() {
    var seen: Set<String> = []
    let seeds = SeededGenerator()
    var packets = RandomPackets(seeds)
    for round in 0..<50 {
      var policy = packets.policy()
      let role: InterfaceRole? = [nil, nil, .nic, .bridge].randomElement(using: &packets.random)!
      var described = (0..<1000).map { _ in packets.next() }
      if round == 0 {
        // Chance gives few sessions of a served port, and in some runs none.
        policy.servedPorts = [stated(51000)]
        policy.auditedOnly = false
        packets.weave(packets.servedSession(role), into: &described)
      }
      var oracle = ContractOracle(policy, role: role)
      let frames = described.map { SampleFrame($0.bytes, originalLength: $0.captured + 1, direction: $0.direction) }
      let verdicts = audit(frames, policy, roles: [role])
      for (index, packet) in described.enumerated() {
        let expected = oracle.verdict(packet)
        seen.insert(expected)
        guard verdicts[index] == expected else {
          Issue.record(
            "seed \(seeds.seed), policy \(round), packet \(index): \(verdicts[index]), by the contract \(expected)\n\(packet)\nrole \(String(describing: role))\n\(policy)"
          )
          return
        }
      }
    }
    // A verdict that the generator never reaches is not tested.
    let wanted = [
      "tunnel initiation", "tunnel response", "tunnel cookie", "tunnel keepalive", "tunnel data", "tunnel served",
      "tunnel unchecked", "tunnel fragment", "local private", "local undeclared", "local link-local", "local multicast",
      "local broadcast", "local loopback", "local name-discovery", "leak undecodable", "leak fragment",
      "leak not-wireguard", "leak endpoint-bypass", "leak tunnel-address", "leak dns", "leak tunnel-destination",
      "leak dot", "leak doq", "leak multicast", "leak other", "allowed rule 0", "allowed resolver 0", "ingress",
      "ingress inner",
    ]
    #expect(wanted.filter { !seen.contains($0) } == [], "seed \(seeds.seed)")
  }
}
