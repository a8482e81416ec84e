import Policy
import PolicyFiles
import Testing

/// Where a running gateway says that its tunnel goes.
@Suite struct AskedGatewayTests {
  private static let keys = [
    "a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=", "oIlcCoo1li5q5KJcptI96RYskcf4JAnqRoEUXvYPZic=",
  ]

  @Test func `the peer that all traffic goes to is the Endpoint, incoming peers are not`() {
    let endpoints = "wg0\t\(Self.keys[0])\t203.0.113.178:51820\nwg1\t\(Self.keys[1])\t198.51.100.7:40000\n"
    let allowed = "wg0\t\(Self.keys[0])\t0.0.0.0/0 ::/0\nwg1\t\(Self.keys[1])\t10.0.0.2/32\n"
    let found = AskedGateway.endpoints(endpoints, allowed: allowed)
    #expect(found.map { "\($0.endpoint)" } == ["203.0.113.178:51820"])
    #expect(found.first?.publicKey?.count == 32)
  }

  @Test(
    arguments: [
      ("wg0\tKEY\t[2001:db8::1]:51820", "wg0\tKEY\t::/0", "[2001:db8::1]:51820"),
      ("wg0\tKEY\t203.0.113.9:51820", "wg0\tKEY\t0.0.0.0/1 128.0.0.0/1", "203.0.113.9:51820"),
      // A tunnel to one network alone.
      ("wg0\tKEY\t203.0.113.9:51820", "wg0\tKEY\t10.0.0.0/8", "203.0.113.9:51820"),
      ("wg0\tKEY\t(none)", "wg0\tKEY\t0.0.0.0/0", nil), ("", "", nil), ("wg0\tKEY", "\t\t\t", nil),
      ("wg0\tx\t203.0.113.9:51820", "wg0\tx\t0.0.0.0/0", nil), ("wg0\tKEY\thost:51820", "wg0\tKEY\t0.0.0.0/0", nil),
    ] as [(String, String, String?)])
  func `reads each form that wg prints`(endpoints: String, allowed: String, expected: String?) {
    let found = AskedGateway.endpoints(
      endpoints.replacing("KEY", with: Self.keys[0]), allowed: allowed.replacing("KEY", with: Self.keys[0]))
    #expect(found.map { "\($0.endpoint)" } == [expected].compactMap(\.self))
  }

  @Test func `the log's last server counts`() {
    let log = """
      2026-05-01T10:00:00Z INFO [wireguard] Using available kernelspace implementation
      2026-05-01T10:00:00Z INFO [wireguard] Connecting to 203.0.113.8:51820
      2026-05-01T10:00:09Z \u{1B}[34mINFO\u{1B}[0m [wireguard] Connecting to 203.0.113.9:51820\u{1B}[0m
      2026-05-01T10:00:10Z INFO [http server] Connecting to 198.51.100.1:80
      2026-05-01T10:00:10Z INFO [wireguard] Connecting to nowhere
      """
    #expect(AskedGateway.endpoint(inLog: log).map { "\($0.endpoint)" } == "203.0.113.9:51820")
    #expect(AskedGateway.endpoint(inLog: "") == nil)
  }
}
