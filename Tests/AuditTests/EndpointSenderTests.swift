import Policy
import TestSupport
import Testing
import Wire

/// Where messages do not show whose they are, their sender must be the gateway (CONTRACT 2, steps 2 and 4).
@Suite struct EndpointSenderTests {
  private static func policy(_ shape: TunnelEndpoint.Shape) -> TunnelPolicy {
    AuditTests.policy {
      $0.endpoints = [stated(TunnelEndpoint(endpoint(Sample.endpoint), shape: shape))]
      $0.containers = [("vpn", "172.18.0.2", true), ("app", "172.18.0.9", false)].map { name, text, holdsTunnel in
        stated(
          StatedContainer(names: [name], addresses: [address(text)], macAddresses: [], holdsTunnel: holdsTunnel))
      }
    }
  }

  @Test(arguments: [(TunnelEndpoint.Shape.any, "tunnel unchecked"), (.openVPN, "tunnel openvpn")])
  func `another container's packet to the Endpoint is a leak`(shape: TunnelEndpoint.Shape, expected: String) {
    func shown(_ from: String) -> String {
      verdict(udpPacket("\(from):4000", Sample.endpoint, [0x38] + filler(40)), Self.policy(shape))
    }
    #expect(shown("172.18.0.2") == expected)
    #expect(shown("172.18.0.9") == "leak endpoint-bypass")
  }

  @Test func `WireGuard's messages are the tunnel's from any container`() {
    let message = udpPacket("172.18.0.9:4000", Sample.endpoint, WireGuardSample.data)
    #expect(verdict(message, Self.policy(.wireGuard)) == "tunnel data")
  }

  @Test func `another container serves no peers of the gateway's`() {
    var policy = Self.policy(.wireGuard)
    policy.servedPorts = [stated(51000)]
    func shown(_ server: String) -> [String] {
      let peer = "198.51.100.7:4000"
      let call = udpPacket(peer, "\(server):51000", wireGuardInitiation(sender: 5))
      let answer = udpPacket("\(server):51000", peer, wireGuardResponse(sender: 6, receiver: 5))
      return audit([call, answer].map { SampleFrame($0) }, policy, roles: [.bridge])
    }
    #expect(shown("172.18.0.2") == ["ingress", "tunnel served"])
    #expect(shown("172.18.0.9") == ["ingress", "leak other"])
  }
}
