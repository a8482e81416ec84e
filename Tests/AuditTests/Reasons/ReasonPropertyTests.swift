import Audit
import Policy
import TestNeeds
import TestSupport
import Testing
import Wire

/// No reason may make a false claim about a packet.
struct ReasonPropertyTests {
  /// A packet's flow as reasons write it; nil if it shows none.
  private static func passage(_ packet: DescribedPacket) -> String? {
    guard packet.flow != nil else { return nil }
    let (from, to) = (packet.source, packet.destination)
    if packet.hasPorts {
      return "\(packet.number) \(Endpoint(address: from, port: packet.ports.source)) -> "
        + "\(Endpoint(address: to, port: packet.ports.destination))"
    }
    let isICMP = packet.number == .icmp || packet.number == .icmpv6
    if isICMP, case .echo(let identifier) = packet.message {
      return "\(packet.number) id \(identifier) \(from) -> \(to)"
    }
    return "\(packet.number) \(from) -> \(to)"
  }

  @Test func `every reason is true for random packets and policies`() throws {
    let seeds = SeededGenerator()
    print("seed \(seeds.seed)")
    var packets = RandomPackets(seeds)
    var asked: Set<String> = []
    var checked = 0
    for round in 0..<rounds(60, few: 12) {
      let policy = packets.policy()
      let role: InterfaceRole? = [nil, nil, .nic, .bridge].randomElement(using: &packets.random)!
      let described = (0..<20).map { _ in packets.next() }
      let frames = described.map { SampleFrame($0.bytes, originalLength: $0.captured + 1, direction: $0.direction) }
      let verdicts = audit(frames, policy, roles: [role])
      let explanations = explanations(frames, policy, role: role)
      var sent: Set<String> = []
      for (index, packet) in described.enumerated() {
        let explanation = try #require(explanations[index])
        let reasons = StatedReasons(packet: packet, policy: policy, sent: sent)
        if !verdicts[index].hasPrefix("ingress"), let flow = Self.passage(packet) { sent.insert(flow) }
        #expect(verdicts[index].hasPrefix(explanation.verdict.verdictClass.name))
        for step in explanation.steps {
          asked.insert("\(step.question) \(step.answer)")
          for reason in [step.because] + step.details {
            checked += 1
            guard let words = reasons.contradiction(reason, of: step.question) else { continue }
            Issue.record(
              "seed \(seeds.seed), policy \(round), packet \(index): '\(step.question) \(reason)', but \(words)\n\(packet)"
            )
          }
          let needsReason = !step.answer && step.question != "Is it egress?"
          #expect(!needsReason || !step.because.isEmpty, "seed \(seeds.seed): \(step.question)")
        }
      }
    }
    #expect(asked.count > rounds(35, few: 30) && checked > rounds(5000, few: 800), "\(asked.count) \(checked)")
  }

  /// A check that cannot fail tests nothing.
  @Test(arguments: [
    "8.8.8.8 is private space", "10.1.1.1 is public, and nothing declares it private",
    "10.66.5.6 is in 10.0.0.0/24 (test)",
    "10.66.5.6 is not the tunnel address 10.66.5.6 (test)",
    "9.9.9.9 is none that the policy lists under `resolvers`: 1.1.1.1",
    "89.44.10.178 is the address of no Endpoint: x",
    "udp port 51820 is not the Endpoint's udp port 51820 (test): other port",
    "udp port 53 is neither 53 nor 853", "31 bytes of UDP payload, and WireGuard's shortest message has 32",
    "4 bytes of UDP payload that begin 01000000", "udp 1.1.1.1:1 -> 2.2.2.2:2 was seen going out",
  ])
  func `a false claim is found`(reason: String) {
    var packet = DescribedPacket(source: address("10.66.5.6"), destination: address("89.44.10.178"), number: .udp)
    packet.ports = reason.hasPrefix("udp port 53 ") ? (4242, 53) : (4242, 51820)
    (packet.payload, packet.statedLength) = ([9, 9, 9, 9], reason.hasPrefix("31") ? 32 : 4)
    (packet.transportLength, packet.captured) = (12, 32)
    let reasons = StatedReasons(packet: packet, policy: policy { $0.local = [stated(prefix("10.1.0.0/16"))] }, sent: [])
    #expect(reasons.contradiction(reason, of: "Does it go to the Endpoint's port?") != nil)
  }
}
