import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Reasons that need more than one frame's IP header: stations, roles, containers, routes, other interfaces.
struct ReasonExampleTests {
  private static let out = udpPacket("172.18.0.2:4242", "198.51.100.9:9")
  private static let between = udpPacket("203.0.113.1:4242", "198.51.100.9:9")
  private static let own = MACAddress(0x02_00_00_00_00_01)

  struct Example: Sendable {
    var frames: [SampleFrame]
    var role: InterfaceRole?
    var change: @Sendable (inout TunnelPolicy) -> Void = { _ in }
    var words: [String]

    init(
      _ frames: [SampleFrame], _ role: InterfaceRole? = nil, _ words: [String],
      _ change: @escaping @Sendable (inout TunnelPolicy) -> Void = { _ in }
    ) {
      (self.frames, self.role, self.words, self.change) = (frames, role, words, change)
    }
  }

  private static func onLink(_ packet: [UInt8], from: MACAddress = own, to: UInt64 = 2) -> SampleFrame {
    SampleFrame(ethernet(packet, from: from, to: MACAddress(0x02_00_00_00_00_00 | to)), .ethernet)
  }

  /// A datagram with a loose source route (RFC 791 section 3.1).
  private static func routed(_ destination: String, over hops: [String]) -> [UInt8] {
    let addresses: [UInt8] = hops.flatMap { octets(address($0)) }
    let route: [UInt8] = [131, UInt8(3 + addresses.count), 4] + addresses + [0]
    return ipv4(
      from: address("172.18.0.2"), to: address(destination), .udp, udp(4242, 9, filler(4)), options: route)
  }

  @Sendable private static func stateStation(_ policy: inout TunnelPolicy) {
    policy.auditedMACs = [stated(MACAddress(0x02_00_00_00_00_07))]
  }

  @Sendable private static func stateContainers(_ policy: inout TunnelPolicy) {
    policy.containers = [
      stated(
        StatedContainer(
          names: ["qb", "vpn"], addresses: [address("172.18.0.2")], macAddresses: [own], holdsTunnel: false)),
      stated(
        StatedContainer(
          names: ["web"], addresses: [address("172.18.0.3")], macAddresses: [MACAddress(9)], holdsTunnel: false)),
    ]
    policy.allowRules = [allow(nil)]
    policy.allowRules[0].containers = ["web"]
  }

  private static let examples = [
    // Direction.
    Example([SampleFrame(out, direction: .outgoing)], .nic, ["yes: the record is outgoing, on the NIC"]),
    Example([SampleFrame(out)], .bridge, ["no: if0 is the bridge, and the record has no direction"]),
    Example(
      [onLink(out)], nil,
      [
        "no: 02:00:00:00:00:01 is not the MAC address 02:00:00:00:00:07 (test)", "no: 02:00:00:00:00:02 is not the MAC",
      ],
      stateStation),
    Example([onLink(between)], nil, ["no: 02:00:00:00:00:01 does not count as the audited side's so far"]),
    Example([onLink(out)], nil, ["yes: 02:00:00:00:00:01 counts as the audited side's, by what it has sent"]),
    // The router's own packets: taken stations send through it.
    Example(
      [onLink(out), onLink(between, from: MACAddress(0x02_00_00_00_00_02), to: 3)], nil,
      ["no: audited stations send through 02:00:00:00:00:02: it is their next hop"]),
    Example([onLink(out)], nil, ["yes: 02:00:00:00:00:01 is of 'qb', 'vpn' (test)"], stateContainers),
    Example(
      [SampleFrame(between)], nil,
      [
        "no: 203.0.113.1 is in none of 10.1.0.0/16 (test), 10.2.0.0/16 (test)",
        "yes: 203.0.113.1 is in no audited prefix, and a sender without a MAC address is neither stated nor seen",
      ]
    ) {
      $0.audited = [stated(prefix("10.1.0.0/16")), stated(prefix("10.2.0.0/16"))]
      $0.auditedOnly = true
    },
    Example([SampleFrame(between)], nil, ["udp 198.51.100.9:9 -> 203.0.113.1:4242 was not seen going out"]),
    // The tunnel's inside.
    Example(
      [SampleFrame(udpPacket("10.66.5.6:1", "198.51.100.9:9"))], nil,
      ["yes: 10.66.5.6 is a tunnel address (test), and no Endpoint's packet was seen on if0"]),
    Example(
      [
        SampleFrame(udpPacket("192.0.2.1:1", Sample.endpoint, WireGuardSample.data)),
        SampleFrame(udpPacket("10.66.5.6:1", "198.51.100.9:9")),
      ], nil, ["no: an Endpoint's packet was seen on if0: it leads outside"]),
    // Frames of the link.
    Example([SampleFrame(ethernet(filler(28), .arp), .ethernet)], nil, ["yes: ARP"]),
    // Containers of allow rules.
    Example(
      [onLink(out)], .bridge, ["'rule' (test): 172.18.0.2 is the address of 'qb', 'vpn', the rule requires 'web'"],
      stateContainers),
    Example(
      [onLink(udpPacket("172.18.0.9:4242", "198.51.100.9:9"))], .bridge,
      ["'rule' (test): 172.18.0.9 is not a known address of 'web', which the rule requires"], stateContainers),
    Example(
      [onLink(udpPacket("172.18.0.3:4242", "198.51.100.9:9"))], .bridge,
      ["'rule' (test): 02:00:00:00:00:01 is the MAC address of 'qb', 'vpn', the rule requires 'web'"], stateContainers),
    Example(
      [onLink(udpPacket("172.18.0.3:4242", "198.51.100.9:9"), from: MACAddress(0x02_00_00_00_00_44))], .bridge,
      ["'rule' (test): 02:00:00:00:00:44 is not a known MAC address of 'web', which the rule requires"], stateContainers
    ),
    // Its filter sees what was captured.
    Example(
      [SampleFrame(Array(out.prefix(20)), originalLength: out.count)], .bridge,
      ["filter 'udp dst port 9' does not match udp 172.18.0.2 -> 198.51.100.9, of which 20 of 32 bytes were captured"]
    ) { $0.allowRules = [allow("udp dst port 9")] },
    // A server of the audited side.
    Example(
      [SampleFrame(udpPacket("172.18.0.2:51821", "198.51.100.9:9", WireGuardSample.data))], .bridge,
      [
        "yes: ListenPort 51821 (test); 128 bytes of UDP payload that begin 04000000: transport data",
        "no: it fits no handshake that was seen with 198.51.100.9:9 through port 51821, and to none that may be older",
      ]
    ) { $0.servedPorts = [stated(51821)] },
    Example(
      [SampleFrame(udpPacket("172.18.0.2:1", Sample.endpoint, WireGuardSample.data))], .bridge,
      ["no: its session is of no handshake with the configured key that was seen"]
    ) { $0.requiresVerifiedPeer = true },
    Example(
      [SampleFrame(udpPacket("172.18.0.2:1", "10.1.2.3:9"))], .bridge,
      ["yes: nothing declares 10.1.2.3, and strict-local is asked for"]
    ) { $0.strictLocal = true },
    // To a local address through another one, and the reverse.
    Example(
      [SampleFrame(routed("192.168.1.9", over: ["198.51.100.9", "192.168.1.8"]))], .bridge,
      ["yes: it goes through 198.51.100.9, 192.168.1.8, and to 198.51.100.9 it would be a leak"]),
    Example(
      [SampleFrame(routed("192.168.1.9", over: ["192.168.1.8"]))], .bridge,
      ["no: it goes through 192.168.1.8, to none of which it would be a leak"]),
    Example([SampleFrame(Array(out.prefix(22)), originalLength: out.count)], .bridge, ["no: decoding stopped: "]),
  ]

  @Test(arguments: examples.indices)
  func `a reason names the facts that decided`(number: Int) throws {
    let example = Self.examples[number]
    let explanation = try #require(explained(example.frames, policy(example.change), role: example.role))
    let told = explanation.steps.flatMap { step in
      ["\(step.question) \(step.answer ? "yes" : "no"): \(step.because)"] + step.details
    }
    for words in example.words {
      #expect(told.contains { $0.contains(words) }, "\(words)\n\(told.joined(separator: "\n"))")
    }
  }
}
