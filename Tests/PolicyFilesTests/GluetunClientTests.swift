import Policy
import Testing
import TextFiles

@testable import PolicyFiles

/// Which client gluetun's variables select, and what they say about it.
@Suite struct GluetunClientTests {
  private func stated(_ variables: String...) throws -> (policy: TunnelPolicy, problems: [String]) {
    let lines = variables.map { "      \($0)\n" }.joined()
    let files = ComposeTexts(
      "services:\n  vpn:\n    image: qmcgaw/gluetun\n    cap_add: [NET_ADMIN]\n    environment:\n\(lines)")
    let stack = VPNStack(try files.load())
    var policy = TunnelPolicy()
    let problems = stack.apply(to: &policy).map(\.description)
    return (policy, problems)
  }

  private static let amnezia = [
    "VPN_SERVICE_PROVIDER: custom", "VPN_TYPE: AmneziaWG", "AMNEZIAWG_ENDPOINT_IP: 203.0.113.178",
    "AMNEZIAWG_ENDPOINT_PORT: 4500", "AMNEZIAWG_PUBLIC_KEY: xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
    "AMNEZIAWG_ADDRESSES: 10.64.114.74/32",
  ]

  @Test func `AmneziaWG's variables shape the Endpoint as its configuration does`() throws {
    let (policy, problems) = try stated(
      Self.amnezia.joined(separator: "\n      "), "AMNEZIAWG_JC: 4", "AMNEZIAWG_JMIN: '40'", "AMNEZIAWG_JMAX: 70",
      "AMNEZIAWG_S1: 15", "AMNEZIAWG_S4: 6", "AMNEZIAWG_H1: 11-19", "AMNEZIAWG_H4: 40",
      "AMNEZIAWG_I1: <b 0xc0ff><r 16>", "AMNEZIAWG_I2: ''", "WIREGUARD_ENDPOINT_IP: 198.51.100.1")
    #expect(problems == [])
    let stated = try #require(policy.endpoints.first)
    #expect(policy.endpoints.count == 1 && stated.origin == "c.yaml:8")
    #expect("\(stated.value.endpoint)" == "203.0.113.178:4500" && stated.value.publicKey?.count == 32)
    #expect(stated.value.shape == .amneziaWG)
    let amnezia = try #require(stated.value.amnezia)
    #expect(amnezia.junkCount == 4 && amnezia.junkLengths == 40...70 && amnezia.imitations == [18])
    #expect(amnezia.messages.initiation == .init(padding: 15, headers: 11...19))
    #expect(amnezia.messages.data == .init(padding: 6, headers: 40...40))
    #expect(policy.tunnelAddresses.map { "\($0.value) \($0.origin)" } == ["10.64.114.74 c.yaml:11"])
  }

  @Test func `without parameters it is WireGuard`() throws {
    let (policy, _) = try stated(Self.amnezia.joined(separator: "\n      "))
    #expect(policy.endpoints.map(\.value.shape) == [.wireGuard])
  }

  @Test(arguments: [
    ("AMNEZIAWG_JC: many", "c.yaml:12: JC = 'many': it is not a number from 0 to 65535; gluetun refuses it and ends"),
    ("AMNEZIAWG_H1: 1-2", "c.yaml:12: AmneziaWG: two of H1 to H4 overlap"),
    ("AMNEZIAWG_I1: <b 0x1", "c.yaml:12: I1 = '<b 0x1': a tag has no end"),
    ("AMNEZIAWG_S1: \"1\\n[Peer]\\nEndpoint = 192.0.2.1:1\"", "c.yaml:12: S1 = '1 [Peer] Endpoint = 192.0.2.1:1'"),
  ])
  func `a wrong parameter is reported with its line`(line: String, words: String) throws {
    let (policy, problems) = try stated(Self.amnezia.joined(separator: "\n      "), line)
    #expect(problems.contains { $0.hasPrefix(words) }, "\(problems)")
    // Nothing is widened or added.
    #expect(policy.endpoints.map { "\($0.value.endpoint)" } == ["203.0.113.178:4500"])
  }

  @Test func `variables of a client that does not run say nothing`() throws {
    let (policy, _) = try stated("VPN_TYPE: wireguard", Self.amnezia[2...].joined(separator: "\n      "))
    #expect(policy.endpoints.isEmpty && policy.tunnelAddresses.isEmpty)
  }
}
