import Foundation
import TestSupport
import Testing
import Wire

/// The reasons that `explain` gives: facts of the packet that it explains.
@Suite struct ExplainReasonTests {
  private static let from = "172.18.0.2:4242"

  private static let policy = """
    endpoints: [198.51.100.7:51820]
    resolvers: [10.2.0.1]
    local: [10.9.0.0/16]
    """

  /// What is said about one frame, without line breaks.
  private static func explain(_ packet: [UInt8], _ policy: String = policy, _ options: [String] = []) throws -> String {
    let text = try output(packet, policy, options)
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func output(_ packet: [UInt8], _ policy: String, _ options: [String]) throws -> String {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "br-stack")
    file.enhanced(SampleFrame(ethernet(packet, packet[0] >> 4 == 4 ? .ipv4 : .ipv6), .ethernet))
    let result = try Command.run(
      ["explain", directory.file("one.pcapng", file.bytes), "1", "--policy", directory.file("policy.yaml", policy)]
        + options)
    #expect(result.status == 0, "\(result.errors)")
    return result.output.replacing(directory.url.path + "/", with: "")
  }

  @Test(arguments: [
    (
      udpPacket(from, "8.8.8.8:53", dnsQuery("example.org")),
      [
        "1.2 Has the source's MAC address proved to be of the audited side? yes: 02:00:00:00:00:01 counts as the audited side's",
        "2.2 Is the destination an Endpoint's address? no: 8.8.8.8 is not the address of the Endpoint 198.51.100.7:51820 (policy.yaml:1)",
        "2.3 Is the source a tunnel address? no: the policy states no tunnel address",
        "2.5 Does an allow rule match? no: the policy has none",
        "2.6 Is the destination a loopback address? no: 8.8.8.8 is public",
        "2.6 Is it DNS, in clear or encrypted? yes: udp port 53 is DNS's",
        "no: 8.8.8.8 is not listed under the policy's `resolvers`: 10.2.0.1 (policy.yaml:2) LEAK",
      ]
    ),
    (
      udpPacket(from, "192.168.1.1:53", dnsQuery("example.org")),
      ["10.2.0.1 (policy.yaml:2); a private resolver may still pass the query on LEAK dns"]
    ),
    (
      udpPacket(from, "10.2.0.1:53", dnsQuery("example.org")), ["yes: 10.2.0.1 (policy.yaml:2) ALLOWED: the resolver"]
    ),
    (
      tcpPacket(from, "198.51.100.7:443"),
      ["no: tcp port 443 is not the Endpoint's udp port 51820 (policy.yaml:1): other protocol and port LEAK"]
    ),
    (
      tcpPacket(from, "198.51.100.7:51820"),
      ["tcp port 51820 is not the Endpoint's udp port 51820 (policy.yaml:1): other protocol"]
    ),
    (
      udpPacket(from, "198.51.100.7:53"),
      ["udp port 53 is not the Endpoint's udp port 51820 (policy.yaml:1): other port"]
    ),
    (
      icmpPacket("172.18.0.2", "198.51.100.7", icmpEcho(8, identifier: 1)),
      ["icmp is not the Endpoint's udp port 51820 (policy.yaml:1): other protocol"]
    ),
    (
      udpPacket(from, "198.51.100.7:51820", filler(31)),
      ["Does it have WireGuard's shape? no: 31 bytes of UDP payload, and WireGuard's shortest message has 32"]
    ),
    (
      udpPacket(from, "198.51.100.7:51820", wireGuard(1, length: 149)),
      ["no: 149 bytes of UDP payload that begin 01000000, as a handshake's initiation does, which has 148"]
    ),
    (
      udpPacket(from, "198.51.100.7:51820", wireGuard(4, length: 40, reserved: [0, 7, 0])),
      ["no: 40 bytes of UDP payload that begin 04000700; WireGuard's messages begin 01 to 04, then 000000"]
    ),
    (
      udpPacket(from, "198.51.100.7:51820", WireGuardSample.data),
      ["yes: 128 bytes of UDP payload that begin 04000000: transport data TUNNEL: data"]
    ),
    (udpPacket(from, "10.9.0.1:123"), ["yes: 10.9.0.1 is in 10.9.0.0/16 (policy.yaml:3) LOCAL: private"]),
    (
      udpPacket(from, "10.8.0.1:123"),
      [
        "Does undeclared private space count as a leak? no: 10.8.0.1 is not in 10.9.0.0/16 (policy.yaml:3), and strict-local is not asked for"
      ]
    ),
    (
      udpPacket(from, "100.64.0.1:123"),
      ["no: 100.64.0.1 is a provider's shared space, which counts as public, and not in 10.9.0.0/16 (policy.yaml:3)"]
    ),
    (
      tcpPacket("192.168.1.9:443", "172.18.0.2:4242"),
      [
        "1.4 Does it come from an Endpoint's address and port? no: 192.168.1.9 is not the address of the Endpoint 198.51.100.7:51820 (policy.yaml:1)",
        "1.4 Is the source private? yes: 192.168.1.9 is private space",
      ]
    ),
    (udpPacket(from, "8.8.8.8:123"), ["udp port 123 is neither 53 nor 853"]),
    (udpPacket(from, "0.0.0.0:123"), ["0.0.0.0 is the unspecified address, and it is not known where that leads"]),
    (
      icmpPacket("203.0.113.1", "8.8.8.8", icmp(3, udpPacket("8.8.8.8:99", "203.0.113.1:53"))),
      ["no: it quotes udp 8.8.8.8:99 -> 203.0.113.1:53, which was not seen going out"]
    ),
    (
      udpPacket(
        from, "8.8.8.8:123", filler(1400), fragment: Fragmentation(offset: 1480, more: false, identification: 77)),
      ["the first of the datagram 77 from 172.18.0.2 was not seen in the last 60 s"]
    ),
  ])
  func `a step names facts of the packet`(packet: [UInt8], words: [String]) throws {
    let text = try Self.explain(packet)
    for words in words { #expect(text.contains(words), "\(text)") }
  }

  private static let rules =
    policy + """

      allow:
        - {id: time, reason: r, filter: udp port 123, query-name: .ntp.org, expires: 2020-01-02}
        - {id: torrent, reason: r, container: qb}
        - {id: names, reason: r, query-name: [a.example, .b.example, c.example, d.example]}
      """

  @Test func `an allow rule that does not match shows what it requires and what the packet has`() throws {
    let text = try Self.explain(udpPacket(Self.from, "8.8.8.8:53", dnsQuery("example.org")), Self.rules)
    for words in [
      "Does an allow rule match? no: none of the policy's 3 - 'time' (policy.yaml:5): it expired after 2020-01-02; "
        + "filter 'udp port 123' does not match udp 172.18.0.2:4242 -> 8.8.8.8:53; "
        + "query name 'example.org', and the rule requires a query name that is below '.ntp.org'",
      "- 'torrent' (policy.yaml:6): the container is unknown here, the rule requires 'qb'",
      "query name 'example.org', and the rule requires a query name that is 'a.example', below '.b.example', 'c.example' and 1 more",
    ] {
      #expect(text.contains(words), "\(text)")
    }
    let other = try Self.explain(udpPacket(Self.from, "8.8.8.8:123", filler(48, 0)), Self.rules)
    #expect(other.contains("it asks for nothing, the rule requires"), "\(other)")
    let short = try Self.explain(udpPacket(Self.from, "8.8.8.8:123", filler(4)), Self.rules)
    #expect(
      short.contains("it holds no DNS message, the rule requires a query name that is below '.ntp.org'"), "\(short)")
  }

  @Test func `a matching rule is named, and rules that were not tried say so`() throws {
    let matched = try Self.explain(udpPacket(Self.from, "8.8.8.8:53", dnsQuery("x.b.example")), Self.rules)
    #expect(matched.contains("Does an allow rule match? yes: 'names' (policy.yaml:7) ALLOWED by the rule names"))
    let bypass = try Self.explain(tcpPacket(Self.from, "198.51.100.7:443"), Self.rules)
    #expect(bypass.contains("- The policy's 3 allow rules were not asked: this question comes before them LEAK"))
  }

  @Test func `of many rules, those that fail the fewest conditions are shown`() throws {
    var text = Self.policy + "\nallow:\n"
    for number in 0..<40 {
      let filter = number % 10 == 7 ? "" : ", filter: udp port \(number + 1000)"
      text += "  - {id: rule\(number), reason: r, query-name: n\(number).example\(filter)}\n"
    }
    let output = try Self.output(udpPacket(Self.from, "8.8.8.8:53", dnsQuery("example.org")), text, [])
    for number in [7, 17, 27, 37] { #expect(output.contains("'rule\(number)'"), "\(output)") }
    #expect(output.contains("- and 32 more, none of which matches\n"), "\(output)")
    #expect(output.ranges(of: "\n       - ").count == 9)
  }

  @Test func `names from the wire cannot control a terminal, and long ones are not broken`() throws {
    let wire = [6] + Array("\u{1B}[2Jab".utf8) + [63] + filler(63, 0x61) + [0]
    let packet = udpPacket(Self.from, "8.8.8.8:53", dnsMessage(dnsQuestion(wire)))
    let rule = Self.policy + "\nallow: [{id: a, reason: r, query-name: .ntp.org}]\n"
    let output = try Self.output(packet, rule, [])
    #expect(output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 }, "\(output)")
    #expect(output.contains("'\\027[2Jab.\(String(repeating: "a", count: 63))',"), "\(output)")
    for line in output.split(separator: "\n") where line.count > 80 {
      #expect(!line.drop { $0 == " " }.contains(" "), "\(line)")
    }
  }
}
