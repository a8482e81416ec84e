import PacketFilter
import Policy
import PolicyFiles
import TestSupport
import Testing
import Wire

@Suite struct PolicyFileTests {
  @Test func `a policy can state everything, each with its line`() throws {
    let file = try PolicyFile(
      """
      endpoints:
        - 89.44.10.178:51820
        - "[2001:db8::1]:51820"
        - endpoint: vpn.example.org.:2408
          reserved: any
        - {address: 192.0.2.7:443, shape: any}
      tunnel-addresses: [10.64.114.74/32, fc00::2]
      tunnel-dns: 10.64.0.1
      resolvers: [192.168.1.1]
      served-ports: 51820
      local: [100.64.0.0/10, 203.0.113.7]
      strict-local: true
      audited: [172.18.0.0/16, 02:42:ac:12:00:02]
      audited-only: false
      roles: {eth0: nic, br-stack: bridge}
      allow:
        - id: ntfy
          reason: The notifier is meant to bypass the tunnel.
          filter: src host 172.18.0.9
          expires: 2026-12-31
        - id: lan-names
          reason: >
            Pi-hole asks the router
            for local names.
          query-name: [.lan, Router.Home.ARPA.]
      rules:
        - {id: my.game, label: other, severity: info, title: A game, filter: udp port 27015}
      wg-config: [wg0.conf, /etc/wireguard/wg1.conf]
      resolve: {vpn.example.org: [198.51.100.1, 198.51.100.2]}
      """, fileName: "stack/policy.yaml")
    var policy = TunnelPolicy()
    file.apply(to: &policy)

    #expect(
      policy.endpoints.map(\.value.endpoint.description) == [
        "89.44.10.178:51820", "[2001:db8::1]:51820", "192.0.2.7:443", "198.51.100.1:2408", "198.51.100.2:2408",
      ])
    #expect(policy.endpoints.map(\.value.shape) == [.wireGuard, .wireGuard, .any, .anyReserved, .anyReserved])
    #expect(policy.endpoints.map(\.origin) == [2, 3, 6, 4, 4].map { "stack/policy.yaml:\($0)" })
    #expect(policy.namedEndpoints.isEmpty)
    #expect(policy.tunnelAddresses.map(\.value.description) == ["10.64.114.74", "fc00::2"])
    #expect(policy.tunnelResolvers.map(\.value.description) == ["10.64.0.1"])
    #expect(policy.resolvers.map(\.value.description) == ["192.168.1.1"])
    #expect(policy.servedPorts.map(\.value) == [51820])
    #expect(policy.local.map(\.value.description) == ["100.64.0.0/10", "203.0.113.7/32"])
    #expect(policy.strictLocal)
    #expect(policy.audited.map(\.value.description) == ["172.18.0.0/16"])
    #expect(policy.auditedMACs.map(\.value.description) == ["02:42:ac:12:00:02"])
    #expect(!policy.auditedOnly)
    #expect(policy.roles == ["eth0": .nic, "br-stack": .bridge])
    #expect(policy.allowRules.map(\.id) == ["ntfy", "lan-names"])
    #expect(policy.allowRules[0].expires?.text == "2026-12-31")
    #expect(policy.allowRules[0].origin == "stack/policy.yaml:17")
    #expect(policy.allowRules[1].reason == "Pi-hole asks the router for local names.")
    #expect(policy.allowRules[1].queryNames == [".lan", "router.home.arpa"])
    #expect(policy.labelRules.map(\.id) == ["my.game"])
    #expect(file.wireGuardConfigs.map(\.value) == ["stack/wg0.conf", "/etc/wireguard/wg1.conf"])
  }

  @Test(arguments: [
    // GNU date says: date -u -d '2027-01-01' +%s
    ("2026-12-31", 1_798_761_600), ("1970-01-01", 86_400), ("2024-02-28", 1_709_164_800),
    ("2024-02-29", 1_709_251_200), ("2000-02-29", 951_868_800), ("2261-12-31", 9_214_646_400),
  ])
  func `a rule allows through the end of the day in UTC`(day: String, seconds: Int64) throws {
    let file = try PolicyFile(
      "allow: {id: a, reason: b, filter: udp, expires: \(day)}", fileName: "policy.yaml")
    #expect(file.policy.allowRules.first?.expires?.moment == Timestamp(nanoseconds: seconds * 1_000_000_000))
  }

  @Test func `later sources add to lists and replace single values`() throws {
    var policy = TunnelPolicy()
    try PolicyFile("{endpoints: 192.0.2.1:1, strict-local: true, roles: {a: nic, b: nic}}", fileName: "1").apply(
      to: &policy)
    try PolicyFile("{endpoints: 192.0.2.2:2, audited-only: true, roles: {b: bridge}}", fileName: "2").apply(to: &policy)
    #expect(policy.endpoints.map(\.origin) == ["1:1", "2:1"])
    #expect(policy.strictLocal)
    #expect(policy.auditedOnly)
    #expect(policy.roles == ["a": .nic, "b": .bridge])
  }

  @Test func `names are resolved regardless of case and a trailing dot`() throws {
    var policy = TunnelPolicy()
    policy.namedEndpoints = [
      Stated(NamedEndpoint(name: "VPN.example.org", port: 1, shape: .any), origin: "wg0.conf:12"),
      Stated(NamedEndpoint(name: "other.example.org", port: 2), origin: "wg0.conf:15"),
    ]
    let unused = resolve(
      names: ["vpn.Example.org.": [IPAddress("192.0.2.1")!], "vpn.example.com": [IPAddress("192.0.2.2")!]],
      in: &policy)
    #expect(unused == ["vpn.example.com"])
    #expect(policy.endpoints.map(\.value.endpoint.description) == ["192.0.2.1:1"])
    #expect(policy.endpoints.map(\.value.shape) == [.any])
    #expect(policy.endpoints.map(\.origin) == ["wg0.conf:12"])
    #expect(policy.namedEndpoints.map(\.value.name) == ["other.example.org"])
  }

  @Test func `an allow rule's filter sees raw IP`() throws {
    let file = try PolicyFile("allow: {id: a, reason: b, filter: dst host 203.0.113.9}", fileName: "policy.yaml")
    let packet: [UInt8] = [
      0x45, 0, 0, 28, 0, 1, 0x40, 0, 64, 1, 0, 0, 172, 18, 0, 2, 203, 0, 113, 9, 8, 0, 0, 0, 0, 1, 0, 1,
    ]
    #expect(file.policy.allowRules[0].filter?.matches(packet.rawSpan, originalLength: packet.count) == true)
  }

  @Test func `a section that states nothing is an empty list`() throws {
    let file = try PolicyFile("endpoints:\nallow: ~\nlocal: []\nroles:\n", fileName: "policy.yaml")
    #expect(file.policy.endpoints.isEmpty)
    #expect(file.policy.allowRules.isEmpty)
  }

  @Test func `an alias stands for what it names`() throws {
    let file = try PolicyFile("local: &home [192.168.1.0/24]\naudited: *home\n", fileName: "policy.yaml")
    #expect(file.policy.audited.map(\.value.description) == ["192.168.1.0/24"])
  }
}
