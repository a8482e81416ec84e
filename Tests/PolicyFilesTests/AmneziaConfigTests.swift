import Policy
import PolicyFiles
import Testing

/// How a configuration of AmneziaWG, or of a client with an id, sets the Endpoint's shape.
@Suite struct AmneziaConfigTests {
  private func endpoint(_ lines: String, peer: String = "") throws -> TunnelEndpoint {
    let config = try WireGuardConfig(
      """
      [Interface]
      Address = 10.0.0.2/32
      \(lines)
      [Peer]
      PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
      AllowedIPs = 0.0.0.0/0
      Endpoint = 192.0.2.1:51820
      \(peer)
      """, fileName: "wg0.conf")
    var policy = TunnelPolicy()
    #expect(config.apply(to: &policy).isEmpty)
    return try #require(policy.endpoints.first?.value)
  }

  @Test func `reads version 1, and leaves out what it does not have`() throws {
    let read = try endpoint("Jc = 4\nJmin = 40\nJmax = 70\nS1 = 15\nS2 = 18\nH1 = 11\nH2 = 12\nH3 = 13\nH4 = 14")
    #expect(read.shape == .amneziaWG)
    let amnezia = try #require(read.amnezia)
    #expect(amnezia.junkCount == 4 && amnezia.junkLengths == 40...70 && amnezia.precursors == 4)
    #expect(amnezia.messages.initiation == .init(padding: 15, headers: 11...11))
    #expect(amnezia.messages.response == .init(padding: 18, headers: 12...12))
    #expect(amnezia.messages.cookie == .init(headers: 13...13))
    #expect(amnezia.messages.data == .init(headers: 14...14))
  }

  @Test func `reads ranges, paddings and packets that imitate, in any case and order`() throws {
    let amnezia = try #require(
      try endpoint(
        """
        i2 = <b 0x0102><r 16><t><c><rc 3><rd 4>
        I1 = <b 0xC0FF>
        I3 = <wt 10>
        I4 = <d 7>
        s3 = 5
        S4 = 6
        H4 = 5-4294967295
        h1 = 1
        """
      ).amnezia)
    // Of I3 nothing is sent; what <d> makes is not known.
    #expect(amnezia.imitations == [2, 2 + 16 + 4 + 4 + 3 + 4, nil] && amnezia.precursors == 3)
    #expect(amnezia.messages.cookie == .init(padding: 5, headers: 3...3))
    #expect(amnezia.messages.data == .init(padding: 6, headers: 5...4_294_967_295))
    #expect(amnezia.mayPrecede(length: 1400))
  }

  @Test func `checks no shape that only the two ends know`() throws {
    let hidden = try endpoint("S1 = 12\nHeaderProtectionKey = secret")
    #expect(hidden.shape == .any && hidden.amnezia == nil)
    #expect(try endpoint("RandomTrailers = true").shape == .any)
  }

  @Test func `accepts any reserved bytes for a client with an id`() throws {
    #expect(try endpoint("Reserved = 1,2,3").shape == .anyReserved)
    #expect(try endpoint("", peer: "Reserved = 1,2,3").shape == .anyReserved)
    #expect(try endpoint("").shape == .wireGuard)
  }
}
