import Probing
import Testing
import Wire

@testable import Drilling

struct TwinEndpointTests {
  /// With a port of the internet's, it could not listen; above 60999, the kernel gives it to nobody (ip(7)).
  @Test func `the Endpoint's other port is free`() {
    #expect(!ProbeCatalogue.ports(.udp).contains(TwinEndpoint.freePort))
    #expect(TwinEndpoint.freePort > 60_999)
    #expect(ProbeCatalogue.ports(.udp).contains(53))
  }
}
