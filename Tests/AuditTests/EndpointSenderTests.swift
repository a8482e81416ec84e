import Policy
import TestSupport
import Testing
import Wire

/// Where nothing in a message can be checked, its sender must be the gateway (CONTRACT 2, step 2).
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
}
